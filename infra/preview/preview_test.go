package preview

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"kaiku/functions/respond"
	"kaiku/shared/policyfile"
	"kaiku/shared/survey"
)

// written is the index of a preview, and its folder.
func written(t *testing.T, company string) (index, folder string) {
	t.Helper()
	texts, err := policyfile.LoadTexts("")
	if err != nil {
		t.Fatal(err)
	}
	folder = t.TempDir()
	path, err := Write(folder, Look{Company: company, Colour: "#1b5e4b", Texts: texts, ReviseDays: 7, HideUnder: 5})
	if err != nil {
		t.Fatal(err)
	}
	return read(t, path), folder
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestTheIndexShowsEveryMailAndPageThatCanBeSeen(t *testing.T) {
	index, folder := written(t, "Kaiku Palvelut Oy")
	want := func(path string) {
		if !strings.Contains(index, `<iframe src="`+path+`"`) {
			t.Errorf("%s is not in the index", path)
		}
	}
	for _, language := range survey.Languages {
		want("mails/digest-" + language + ".html")
		for _, trigger := range survey.Triggers {
			name := fmt.Sprintf("%s-%s", trigger.Kind(), trigger)
			want("mails/" + name + "-" + language + ".html")
			want("mails/" + name + "-reminder-" + language + ".html")
			for _, p := range respond.Previews() {
				if p.OfSurvey {
					want("pages/" + name + "-" + p.Name + "-" + language + ".html")
				}
			}
		}
		for _, p := range respond.Previews() {
			if !p.OfSurvey {
				want("pages/" + p.Name + "-" + language + ".html")
			}
		}
	}
	for _, link := range regexp.MustCompile(`(?:href|src)="([^"]*)"`).FindAllStringSubmatch(index, -1) {
		if _, err := os.Stat(filepath.Join(folder, link[1])); err != nil {
			t.Errorf("the index leads to %s: %v", link[1], err)
		}
	}
	if strings.Contains(index, "://") {
		t.Error("the index needs more than the folder")
	}
}

func TestStatesThatDifferLookDifferent(t *testing.T) {
	_, folder := written(t, "Kaiku Palvelut Oy")
	seen := map[string]string{}
	for _, p := range respond.Previews() {
		name := p.Name
		if p.OfSurvey {
			name = "csat-ended-" + name
		}
		page := read(t, filepath.Join(folder, "pages", name+"-fi.html"))
		if other, ok := seen[page]; ok {
			t.Errorf("%s and %s are one page", other, name)
		}
		seen[page] = name
	}
}

func TestNamesOfCompaniesStayWordsInTheIndex(t *testing.T) {
	for _, n := range awkward {
		index, _ := written(t, n.Name)
		if strings.Contains(index, "<script>") || strings.Contains(index, "<Ab>") {
			t.Errorf("%s: the name is markup", n.About)
		}
	}
}

func TestNothingIsWrittenOfACompanyWithoutAName(t *testing.T) {
	texts, err := policyfile.LoadTexts("")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Write(t.TempDir(), Look{Texts: texts}); err == nil {
		t.Error("was written")
	}
}
