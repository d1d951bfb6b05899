package stats_test

import (
	"encoding/json"
	"testing"

	"kaiku/shared/stats"
	"pgregory.net/rapid"
)

func TestHistogramJSONNamesEveryScoreInOrder(t *testing.T) {
	for _, c := range []struct {
		h    stats.Histogram
		want string
	}{
		{npsOf(t, 1, 0, 3), `{"0":0,"1":0,"2":0,"3":1,"4":0,"5":0,"6":0,"7":0,"8":0,"9":3,"10":0}`},
		{stats.NewHistogram(stats.CSAT), `{"1":0,"2":0,"3":0,"4":0,"5":0}`},
		{histogramOf(t, stats.CES, 1, 2, 3, 4, 5, 6, 4294967295), `{"1":1,"2":2,"3":3,"4":4,"5":5,"6":6,"7":4294967295}`},
		{stats.Histogram{}, `{}`},
	} {
		got, err := json.Marshal(c.h)
		if err != nil || string(got) != c.want {
			t.Errorf("got %s (%v), want %s", got, err, c.want)
		}
	}
}

func TestHistogramJSONReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawHistogram(drawScale().Draw(t, "scale")).Draw(t, "h")
		text, err := json.Marshal(h)
		if err != nil {
			t.Fatal(err)
		}
		var back stats.Histogram
		if err := json.Unmarshal(text, &back); err != nil || back != h {
			t.Fatalf("%s read back as %v (%v)", text, back, err)
		}
	})
}

func TestHistogramJSONRefusesOtherShapes(t *testing.T) {
	for name, text := range map[string]string{
		"a score missing":    `{"1":0,"2":0,"3":0,"4":0}`,
		"a score too many":   `{"0":0,"1":0,"2":0,"3":0,"4":0,"5":0}`,
		"scores shifted":     `{"0":0,"1":0,"2":0,"3":0,"4":0}`,
		"a score misspelt":   `{"1":0,"2":0,"3":0,"4":0,"05":0}`,
		"a negative count":   `{"1":0,"2":0,"3":0,"4":0,"5":-1}`,
		"a fraction":         `{"1":0,"2":0,"3":0,"4":0,"5":1.5}`,
		"a count too large":  `{"1":0,"2":0,"3":0,"4":0,"5":4294967296}`,
		"a null count":       `{"1":0,"2":0,"3":0,"4":0,"5":null}`,
		"a text for a count": `{"1":0,"2":0,"3":0,"4":0,"5":"1"}`,
		"a list":             `[0,0,0,0,0]`,
		"a number":           `5`,
	} {
		h := npsOf(t, 1, 2, 3)
		if err := json.Unmarshal([]byte(text), &h); err == nil {
			t.Errorf("%s was read as %v", name, h)
		}
		if h != npsOf(t, 1, 2, 3) {
			t.Errorf("%s: a refused text changed the counts", name)
		}
	}
}
