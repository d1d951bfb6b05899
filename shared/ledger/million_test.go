package ledger_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"maps"
	mathrand "math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"kaiku/functions/report"
	"kaiku/infra/parts"
	"kaiku/shared/ledger"
	"kaiku/shared/policyfile"
	"kaiku/shared/survey"
	"kaiku/shared/table"
	"kaiku/shared/table/dynamo"
)

const (
	oldAnswers = 1_000_000
	newAnswers = 1_000
	// The report of all that is to be served within these.
	reportTime = 200 * time.Millisecond
	reportSize = 300_000
)

// newAnswered is when the new surveys are sent and answered: three days after the
// change they ask about.
var newAnswered = monday.Add(3 * day)

// BenchmarkCountingAfterAMillion counts a thousand new answers after a million old
// ones, and the same thousand in an empty table: the first may read twice as many
// units at most. Then it serves the report of all of them.
func BenchmarkCountingAfterAMillion(b *testing.B) {
	if testing.Short() {
		b.Skip("loading a million answers takes minutes")
	}
	var alone, after dynamo.Units
	var served time.Duration
	var bytes int
	for b.Loop() {
		empty, full := newMillion(b), newMillion(b)
		full.load(b)
		alone = empty.count(b)
		after = full.count(b)
		served, bytes = full.serve(b, "/report")
		byOwner, ownerBytes := full.serve(b, "/report?by=owner&kind=csat")
		served, bytes = max(served, byOwner), max(bytes, ownerBytes)
		full.drop(b)
		empty.drop(b)
	}
	b.ReportMetric(after.Read, "read-units")
	b.ReportMetric(alone.Read, "read-units-alone")
	b.ReportMetric(float64(served.Milliseconds()), "report-ms")
	b.ReportMetric(float64(bytes)/1000, "report-kB")
	b.ReportMetric(0, "ns/op")
	if after.Read > 2*alone.Read {
		b.Errorf("counting %d answers after %d reads %.0f units, alone %.0f", newAnswers, oldAnswers, after.Read, alone.Read)
	}
	if served > reportTime || bytes > reportSize {
		b.Errorf("the report takes %s and %d bytes", served, bytes)
	}
}

// million is a ledger over a table of its own.
type million struct {
	*ledger.Ledger
	client *dynamodb.Client
	name   string
	db     *dynamo.Table
}

func newMillion(b *testing.B) *million {
	b.Helper()
	p, err := policyfile.Load("")
	if err != nil {
		b.Fatal(err)
	}
	m := &million{client: parts.DynamoClient(b), name: "test-" + rand.Text()}
	if err := dynamo.Create(b.Context(), m.client, m.name); err != nil {
		b.Fatal(err)
	}
	m.db = dynamo.New(m.client, m.name)
	m.Ledger = ledger.New(m.db, p, ledger.NewIDs())
	return m
}

// drop frees the memory that the table takes.
func (m *million) drop(b *testing.B) {
	if _, err := m.client.DeleteTable(b.Context(), &dynamodb.DeleteTableInput{TableName: &m.name}); err != nil {
		b.Error(err)
	}
}

// load puts in the old answers and their counts, over the two years before the new
// ones and the month of these, as the ledger would have left them.
func (m *million) load(b *testing.B) {
	b.Helper()
	const months = 25
	random, ids := mathrand.New(mathrand.NewPCG(1, 2)), ledger.NewIDs()
	newest := survey.MonthOf(survey.DateOf(monday))
	counts := map[survey.Kind]map[survey.Month]*ledger.MonthCount{}
	for _, kind := range survey.Kinds {
		counts[kind] = map[survey.Month]*ledger.MonthCount{}
	}
	l := newLoader(b, m)
	var sample table.Item
	for i := range oldAnswers {
		month := newest.AddMonths(-(i % months))
		sent := time.Date(month.Year, month.Month, 1+random.IntN(20), 9, random.IntN(60), 0, 0, time.UTC)
		if month == newest {
			sent = newAnswered // what is counted lies among them
		}
		o, day := oldOutcome(random, ids, sent, i)
		if counts[o.Kind][month] == nil {
			counts[o.Kind][month] = &ledger.MonthCount{Month: month, At: monday, Cells: map[string]map[string]ledger.Cell{}}
		}
		item, err := ledger.CountedItem(day, o, counts[o.Kind][month])
		if err != nil {
			b.Fatal(err)
		}
		l.put(item)
		sample = item
	}
	for kind, months := range counts {
		for _, c := range months {
			item, err := ledger.CountsItem(kind, *c)
			if err != nil {
				b.Fatal(err)
			}
			l.put(item)
		}
	}
	l.wait(b)
	// What was loaded is there, as the driver reads it.
	got, err := m.db.Get(b.Context(), sample.Key)
	sample.Version = 1
	if diff := cmp.Diff(sample, got); err != nil || diff != "" {
		b.Fatal(diff, err)
	}
	if n := m.answered(b); n != oldAnswers {
		b.Fatalf("%d answers are counted, want %d", n, oldAnswers)
	}
	described, err := m.client.DescribeTable(b.Context(), &dynamodb.DescribeTableInput{TableName: &m.name})
	if err != nil || *described.Table.ItemCount < oldAnswers {
		b.Fatal(described, err)
	}
}

// oldOutcome is a survey that was answered the day after it was sent.
func oldOutcome(random *mathrand.Rand, ids func(time.Time) string, sent time.Time, i int) (survey.Outcome, survey.Date) {
	kind := survey.Kinds[random.IntN(len(survey.Kinds))]
	low, high, _ := kind.Scale()
	trigger := map[survey.Kind][]survey.Trigger{
		survey.NPS: {survey.Annual}, survey.CES: {survey.Interaction},
		survey.CSAT: {survey.Started, survey.Changed, survey.Renewed, survey.Ended},
	}[kind]
	pick := func(n int, format string) string {
		u := random.Float64()
		return fmt.Sprintf(format, int(u*u*float64(n)))
	}
	return survey.Outcome{
		Invitation: ids(sent), Customer: fmt.Sprint("C-old-", i), Kind: kind, State: survey.InvitationAnswered,
		Facts: survey.Facts{Size: survey.Sizes[random.IntN(3)], Industry: string(rune('A' + random.IntN(20))), Region: pick(19, "Region of %02d"),
			Owner: pick(60, "team-%02d"), Service: pick(30, "service-%02d"), Trigger: trigger[random.IntN(len(trigger))], Language: []string{"fi", "sv", "en"}[random.IntN(3)]},
		Sent: sent, MessageID: fmt.Sprintf("0100019a%016x-%012x-000000", random.Uint64(), i), Delivered: sent.Add(time.Second),
		Answer: &survey.Answer{Score: low + random.IntN(high-low+1), First: sent.Add(day), Last: sent.Add(day)},
	}, survey.DateOf(sent)
}

// loader writes many items fast, in the form in which the driver would have.
type loader struct {
	m      *million
	batch  []types.WriteRequest
	queue  chan []types.WriteRequest
	group  sync.WaitGroup
	fault  atomic.Value
	loaded atomic.Int64
}

func newLoader(b *testing.B, m *million) *loader {
	const writers = 8
	l := &loader{m: m, queue: make(chan []types.WriteRequest, writers)}
	ctx, began := b.Context(), time.Now()
	for range writers {
		l.group.Go(func() {
			for batch := range l.queue {
				if err := l.write(ctx, batch); err != nil {
					l.fault.Store(err)
				}
				if n := l.loaded.Add(int64(len(batch))); n%100_000 < int64(len(batch)) {
					fmt.Fprintf(os.Stderr, "%d of %d old answers after %s\n", n, oldAnswers, time.Since(began).Round(time.Second))
				}
			}
		})
	}
	return l
}

// put queues an item.
func (l *loader) put(item table.Item) {
	const most = 25 // BatchWriteItem takes no more
	l.batch = append(l.batch, types.WriteRequest{PutRequest: &types.PutRequest{Item: map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: item.Key.Partition}, "sk": &types.AttributeValueMemberS{Value: item.Key.Sort},
		"version": &types.AttributeValueMemberN{Value: "1"}, "body": &types.AttributeValueMemberS{Value: string(item.Body)}}}})
	if len(l.batch) == most {
		l.queue <- l.batch
		l.batch = nil
	}
}

func (l *loader) write(ctx context.Context, batch []types.WriteRequest) error {
	for len(batch) > 0 {
		out, err := l.m.client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{l.m.name: batch}})
		if err != nil {
			return err
		}
		batch = out.UnprocessedItems[l.m.name]
	}
	return nil
}

func (l *loader) wait(b *testing.B) {
	b.Helper()
	if len(l.batch) > 0 {
		l.queue <- l.batch
	}
	close(l.queue)
	l.group.Wait()
	if err, failed := l.fault.Load().(error); failed {
		b.Fatal(err)
	}
}

// answered sums what was counted.
func (m *million) answered(b *testing.B) (n int) {
	b.Helper()
	for _, kind := range survey.Kinds {
		months, err := m.Counts(b.Context(), kind)
		if err != nil {
			b.Fatal(err)
		}
		for _, month := range months {
			n += month.Cells[ledger.All][ledger.All].Answered
		}
	}
	return n
}

// count takes the new answers in, from event to answer, and counts them.
func (m *million) count(b *testing.B) dynamo.Units {
	b.Helper()
	before := m.answered(b)
	const atOnce = 8
	var group sync.WaitGroup
	slots := make(chan struct{}, atOnce)
	for i := range newAnswers {
		group.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			if err := m.answer(b.Context(), i); err != nil {
				b.Error(err)
			}
		})
	}
	group.Wait()
	if b.Failed() {
		b.FailNow()
	}
	consumed := m.db.Consumed()
	n, err := m.Count(b.Context(), newAnswered.Add(time.Hour))
	if err != nil || n != newAnswers {
		b.Fatalf("%d outcomes were counted, %v", n, err)
	}
	used := m.db.Consumed().Sub(consumed)
	if n := m.answered(b) - before; n != newAnswers {
		b.Fatalf("%d answers were added to the counts", n)
	}
	return used
}

// answer follows one survey from its event to its answer.
func (m *million) answer(ctx context.Context, i int) error {
	e := event(survey.ContractChanged, fmt.Sprint("msg_", i), fmt.Sprint("C-", i), monday)
	maps.Copy(e.Contract, raw(map[string]any{"owner": fmt.Sprintf("team-%02d", i%60)}))
	maps.Copy(e.Customer, raw(map[string]any{"region": fmt.Sprintf("Region of %02d", i%19)}))
	r, err := m.TakeEvent(ctx, e, monday)
	if err != nil {
		return err
	}
	if len(r.Decisions) != 1 || !r.Decisions[0].SendAt.Equal(newAnswered) {
		return fmt.Errorf("no survey was planned among the old ones: %v", r.Decisions)
	}
	d := r.Decisions[0]
	c, err := m.Claim(ctx, ledger.Matter{Customer: d.Customer, Invitation: d.Invitation}, d.SendAt)
	if err != nil {
		return err
	}
	if err := m.NoteSent(ctx, c, "ses-1", d.SendAt); err != nil {
		return err
	}
	_, err = m.Answer(ctx, c.Ref, given(survey.Answer{Score: 1 + i%5}), d.SendAt)
	return err
}

// serve asks for the report a few times, since what else the machine does counts
// too, and returns the shortest time it took and its size.
func (m *million) serve(b *testing.B, path string) (took time.Duration, bytes int) {
	b.Helper()
	p, err := policyfile.Load("")
	if err != nil {
		b.Fatal(err)
	}
	mux := http.NewServeMux()
	h := report.Handler{Ledger: m.Ledger, Policy: p, Tokens: []string{"token"}, Now: func() time.Time { return newAnswered.Add(time.Hour) }, Log: slog.New(slog.DiscardHandler)}
	h.Routes(mux)
	for range 5 {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header.Set("Authorization", "Bearer token")
		w := httptest.NewRecorder()
		began := time.Now()
		mux.ServeHTTP(w, r)
		if once := time.Since(began); took == 0 || once < took {
			took = once
		}
		if bytes = w.Body.Len(); w.Code != http.StatusOK {
			b.Fatal(w.Code, w.Body)
		}
	}
	b.Logf("%s takes %s and %d bytes", path, took.Round(time.Millisecond), bytes)
	return took, bytes
}
