package survey

import "strconv"

// sections are the sections of TOL 2008 (NACE Rev. 2), each with the last of
// its two-digit divisions (Statistics Finland, TOL 2008).
var sections = []struct {
	last   int
	letter string
}{
	{3, "A"}, {9, "B"}, {33, "C"}, {35, "D"}, {39, "E"}, {43, "F"}, {47, "G"}, {53, "H"}, {56, "I"}, {63, "J"},
	{66, "K"}, {68, "L"}, {75, "M"}, {82, "N"}, {84, "O"}, {85, "P"}, {88, "Q"}, {93, "R"}, {96, "S"}, {98, "T"}, {99, "U"},
}

// IndustrySection is the section, A to U, of a TOL 2008 or NACE Rev. 2 code
// such as 10710 or 10.71; empty when the code has none.
func IndustrySection(code string) string {
	if len(code) < 2 {
		return ""
	}
	division, err := strconv.Atoi(code[:2])
	if err != nil || division < 1 {
		return ""
	}
	for _, s := range sections {
		if division <= s.last {
			return s.letter
		}
	}
	return ""
}
