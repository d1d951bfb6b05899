package survey_test

import (
	"fmt"
	"testing"

	"kaiku/shared/survey"
)

// Every division of TOL 2008 (NACE Rev. 2), by Statistics Finland's
// classification: first and last of each section. What lies between is no
// division.
func TestIndustrySectionOfEveryDivision(t *testing.T) {
	divisions := map[int]string{}
	for _, s := range []struct {
		letter      string
		first, last int
	}{
		{"A", 1, 3}, {"B", 5, 9}, {"C", 10, 33}, {"D", 35, 35}, {"E", 36, 39}, {"F", 41, 43}, {"G", 45, 47}, {"H", 49, 53},
		{"I", 55, 56}, {"J", 58, 63}, {"K", 64, 66}, {"L", 68, 68}, {"M", 69, 75}, {"N", 77, 82}, {"O", 84, 84}, {"P", 85, 85},
		{"Q", 86, 88}, {"R", 90, 93}, {"S", 94, 96}, {"T", 97, 98}, {"U", 99, 99},
	} {
		for d := s.first; d <= s.last; d++ {
			divisions[d] = s.letter
		}
	}
	for d := range 100 {
		for _, rest := range []string{"", "710", ".71"} {
			code := fmt.Sprintf("%02d%s", d, rest)
			if got := survey.IndustrySection(code); got != divisions[d] {
				t.Errorf("%s is %q, want %q", code, got, divisions[d])
			}
		}
	}
	for _, code := range []string{"", "1", "x", "C10", "+1", "-1", " 1", "1.", "ä"} {
		if got := survey.IndustrySection(code); got != "" {
			t.Errorf("%q is %q, want none", code, got)
		}
	}
}
