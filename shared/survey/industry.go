package survey

import "strconv"

// sections are the sections of TOL 2008 (NACE Rev. 2), each with the first and
// the last of its two-digit divisions (Statistics Finland, TOL 2008). Numbers
// between are no division.
var sections = []struct {
	first, last int
	letter      string
}{
	{1, 3, "A"}, {5, 9, "B"}, {10, 33, "C"}, {35, 35, "D"}, {36, 39, "E"}, {41, 43, "F"}, {45, 47, "G"}, {49, 53, "H"},
	{55, 56, "I"}, {58, 63, "J"}, {64, 66, "K"}, {68, 68, "L"}, {69, 75, "M"}, {77, 82, "N"}, {84, 84, "O"}, {85, 85, "P"},
	{86, 88, "Q"}, {90, 93, "R"}, {94, 96, "S"}, {97, 98, "T"}, {99, 99, "U"},
}

// IndustrySection is the section, A to U, of a TOL 2008 or NACE Rev. 2 code
// such as 10710 or 10.71; empty when the code has none.
func IndustrySection(code string) string {
	if len(code) < 2 {
		return ""
	}
	division, err := strconv.ParseUint(code[:2], 10, 8)
	if err != nil {
		return ""
	}
	for _, s := range sections {
		if s.first <= int(division) && int(division) <= s.last {
			return s.letter
		}
	}
	return ""
}
