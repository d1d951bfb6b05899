package report

import (
	"reflect"
	"regexp"
	"testing"

	"kaiku/shared/ledger"
	"kaiku/shared/stats"
	"kaiku/shared/survey"
)

var verbs = regexp.MustCompile(`%[a-z%]`)

// wantSame holds two values to the same keys, words in every place and the same
// verbs in them.
func wantSame(t *testing.T, path string, a, b reflect.Value) {
	t.Helper()
	switch a.Kind() {
	case reflect.String:
		if (a.String() == "") != (b.String() == "") {
			t.Errorf("%s: %q and %q", path, a, b)
		}
		if x, y := verbs.FindAllString(a.String(), -1), verbs.FindAllString(b.String(), -1); !reflect.DeepEqual(x, y) {
			t.Errorf("%s: the verbs %v and %v", path, x, y)
		}
		if a.String() == "" && path != ".Kinds.nps.More" {
			t.Errorf("%s is empty", path)
		}
	case reflect.Struct:
		for i := range a.NumField() {
			wantSame(t, path+"."+a.Type().Field(i).Name, a.Field(i), b.Field(i))
		}
	case reflect.Array:
		for i := range a.Len() {
			wantSame(t, path, a.Index(i), b.Index(i))
		}
	case reflect.Map:
		if a.Len() != b.Len() {
			t.Errorf("%s: %d and %d words", path, a.Len(), b.Len())
		}
		for _, key := range a.MapKeys() {
			if !b.MapIndex(key).IsValid() {
				t.Errorf("%s has no %s", path, key)
				continue
			}
			wantSame(t, path+"."+key.String(), a.MapIndex(key), b.MapIndex(key))
		}
	default:
		t.Errorf("%s is a %s", path, a.Kind())
	}
}

func TestEveryWordIsInBothLanguages(t *testing.T) {
	wantSame(t, "", reflect.ValueOf(english), reflect.ValueOf(finnish))
	for _, w := range languages {
		for _, d := range ledger.Dimensions() {
			if w.Dimensions[d] == "" {
				t.Errorf("%s: no word for %s", w.Lang, d)
			}
		}
		for _, l := range stats.Lengths {
			if w.Lengths[string(l)] == "" {
				t.Errorf("%s: no word for %s", w.Lang, l)
			}
		}
		for _, kind := range survey.Kinds {
			if w.Kinds[kind].Name == "" {
				t.Errorf("%s: no word for %s", w.Lang, kind)
			}
		}
		for _, trigger := range append([]survey.Trigger{survey.External}, survey.Triggers...) {
			if w.Triggers[string(trigger)] == "" {
				t.Errorf("%s: no word for %s", w.Lang, trigger)
			}
		}
		for _, size := range survey.Sizes {
			if w.value("size", string(size)) == "" {
				t.Errorf("%s: no word for %s", w.Lang, size)
			}
		}
	}
}
