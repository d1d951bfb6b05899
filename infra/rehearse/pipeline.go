package rehearse

import "sync"

// inOrder has each value that produce yields worked on by one of several workers
// at once, and hands the results to collect in the order of the values, so that
// nothing that follows can depend on how many workers there are. Only a few
// values for each worker are under way at a time. newWorker is called once for
// each worker, before it starts.
//
// It returns the error of produce or the first of collect, after which no more is
// produced.
func inOrder[In, Out any](workers int, produce func(yield func(In) bool) error, newWorker func() func(In) Out,
	collect func(Out) error) error {
	const ahead = 4 // values under way for each worker
	type job struct {
		in  In
		out chan Out
	}
	var (
		todo    = make(chan job)
		waiting = make(chan job, ahead*workers)
		stop    = make(chan struct{})
		group   sync.WaitGroup
		failed  error
	)
	for range workers {
		work := newWorker()
		group.Go(func() {
			for j := range todo {
				j.out <- work(j.in)
			}
		})
	}
	group.Go(func() {
		for j := range waiting {
			out := <-j.out
			if failed != nil {
				continue
			}
			if failed = collect(out); failed != nil {
				close(stop)
			}
		}
	})
	err := produce(func(in In) bool {
		j := job{in, make(chan Out, 1)}
		select {
		case <-stop:
			return false
		case waiting <- j:
		}
		todo <- j
		return true
	})
	close(todo)
	close(waiting)
	group.Wait()
	if failed != nil {
		return failed
	}
	return err
}
