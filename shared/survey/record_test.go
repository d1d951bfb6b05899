package survey_test

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kaiku/shared/survey"
)

// word is one thing that was said about fields.
type word struct {
	at     time.Time
	fields map[string]json.RawMessage
}

func words() *rapid.Generator[[]word] {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) word {
		return word{instants().Draw(t, "at"), fieldsOf("name", "employees", "turnover", "chain").Draw(t, "fields")}
	}), 0, 8)
}

// stored is a record as it comes back from where it was stored.
func stored(t *rapid.T, r survey.Record) survey.Record {
	var back survey.Record
	if err := json.Unmarshal([]byte(asJSON(t, r)), &back); err != nil {
		t.Fatal(err)
	}
	return back
}

func TestAnyOrderOfTheSameWordsEndsInTheSameRecord(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		said := words().Draw(rt, "words")
		var once, again survey.Record
		for _, w := range said {
			once.Merge(w.fields, w.at)
		}
		if len(said) > 0 {
			repeated := append(said, rapid.SliceOf(rapid.SampledFrom(said)).Draw(rt, "repeated")...)
			for _, w := range rapid.Permutation(repeated).Draw(rt, "order") {
				again.Merge(w.fields, w.at)
				if rapid.Bool().Draw(rt, "stored in between") {
					again = stored(rt, again)
				}
			}
		}
		if a, b := asJSON(rt, once), asJSON(rt, again); a != b {
			rt.Errorf("in order      %s\nin disorder   %s", a, b)
		}
	})
}

// JSON can write & in two ways. Of two words of the same millisecond the same
// has to stay, whether or not one of them was stored before the other came.
func TestAWordComparesTheSameBeforeAndAfterItIsStored(t *testing.T) {
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	first, second := object(t, `{"name":"A&B"}`), object(t, `{"name":"A0B"}`)
	var straight, kept survey.Record
	straight.Merge(first, at)
	straight.Merge(second, at)
	kept.Merge(first, at)
	if err := json.Unmarshal([]byte(asJSON(t, kept)), &kept); err != nil {
		t.Fatal(err)
	}
	kept.Merge(second, at)
	if a, b := asJSON(t, straight), asJSON(t, kept); a != b {
		t.Errorf("straight %s, stored in between %s", a, b)
	}
}

func TestStoringARecordLosesNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var r survey.Record
		for _, w := range words().Draw(rt, "words") {
			r.Merge(w.fields, w.at)
		}
		back := stored(rt, r)
		if len(back.Fields) != len(r.Fields) || len(back.Stamps) != len(r.Stamps) {
			rt.Fatalf("%d fields and %d stamps came back as %d and %d", len(r.Fields), len(r.Stamps), len(back.Fields), len(back.Stamps))
		}
		for name, value := range r.Fields {
			if string(back.Fields[name]) != string(value) || back.Stamps[name] != r.Stamps[name] {
				rt.Errorf("%s: %s of %d came back as %s of %d", name, value, r.Stamps[name], back.Fields[name], back.Stamps[name])
			}
		}
	})
}

func TestANewerWordStands(t *testing.T) {
	noon := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name          string
		first, second string
		later         time.Duration
		want          string
	}{
		{"newer", `{"region":"Kainuu"}`, `{"region":"Uusimaa"}`, time.Millisecond, `"Uusimaa"`},
		{"older", `{"region":"Kainuu"}`, `{"region":"Uusimaa"}`, -time.Millisecond, `"Kainuu"`},
		{"newer, left out", `{"region":"Kainuu"}`, `{}`, time.Hour, `"Kainuu"`},
		{"newer, cleared", `{"region":"Kainuu"}`, `{"region":null}`, time.Hour, `null`},
		{"older, cleared", `{"region":"Kainuu"}`, `{"region":null}`, -time.Hour, `"Kainuu"`},
		{"given again after it was cleared", `{"region":null}`, `{"region":"Uusimaa"}`, time.Hour, `"Uusimaa"`},
		{"an old word about what is cleared", `{"region":null}`, `{"region":"Uusimaa"}`, -time.Hour, `null`},
		{"written with spaces", `{"region":"Kainuu"}`, "{\"region\" :\t\"Uusimaa\"\n}", time.Hour, `"Uusimaa"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var r survey.Record
			r.Merge(object(t, c.first), noon)
			r.Merge(object(t, c.second), noon.Add(c.later))
			if got := string(r.Fields["region"]); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// A customer is read and written with every event; stamps that name every field
// would double what it costs.
func TestFieldsSaidTogetherShareOneStamp(t *testing.T) {
	var r survey.Record
	r.Merge(object(t, `{"name":"Oy","region":"Kainuu","chain":false}`), time.UnixMilli(1764000000000))
	r.Merge(object(t, `{"region":"Uusimaa"}`), time.UnixMilli(1764111111111))
	want := `{"@":{"1764000000000":"*","1764111111111":"region"},"chain":false,"name":"Oy","region":"Uusimaa"}`
	if got := asJSON(t, r); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestWhatIsNoRecordIsRefused(t *testing.T) {
	for _, text := range []string{`[]`, `"x"`, `{"@":[]}`, `{"name":"Oy","@":{"noon":"*"}}`} {
		var r survey.Record
		if err := json.Unmarshal([]byte(text), &r); err == nil {
			t.Errorf("%s is read as %v", text, r)
		}
	}
}
