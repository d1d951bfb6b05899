package rehearse

import "slices"

// ranking keeps the first few of many, in an order without ties, so that it ends
// with the same few in whatever order they come.
type ranking[T any] struct {
	limit   int
	compare func(a, b T) int
	// keep, if not nil, makes what is kept of one.
	keep func(T) T
	best []T // in order
}

func (r *ranking[T]) add(x T) {
	if len(r.best) == r.limit && (r.limit == 0 || r.compare(x, r.best[r.limit-1]) >= 0) {
		return
	}
	if r.keep != nil {
		x = r.keep(x)
	}
	at, _ := slices.BinarySearchFunc(r.best, x, r.compare)
	r.best = slices.Insert(r.best, at, x)
	if len(r.best) > r.limit {
		r.best = r.best[:r.limit]
	}
}

// merge adds those of another.
func (r *ranking[T]) merge(other *ranking[T]) {
	for _, x := range other.best {
		r.add(x)
	}
}
