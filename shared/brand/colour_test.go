package brand

import "testing"

func TestParseTakesSixHexDigitsAlone(t *testing.T) {
	for in, ok := range map[string]bool{
		"": true, "#0b5d4e": true, "#FFCC00": true,
		"0b5d4e": false, "#fff": false, "red": false, "#12345g": false, "#1234567": false,
		"#+12345": false, "#;}body": false, "#aé345": false,
	} {
		c, err := Parse(in)
		if (err == nil) != ok {
			t.Errorf("Parse(%q) = %q, %v; want ok %v", in, c, err, ok)
		}
	}
}

func TestEmptyIsTheDefault(t *testing.T) {
	if c, err := Parse(""); err != nil || c != Default {
		t.Errorf("Parse of nothing = %q, %v", c, err)
	}
}

func TestInkReadsOnEveryColour(t *testing.T) {
	const digits = "0123456789abcdef"
	for r := 0; r < 16; r++ {
		for g := 0; g < 16; g++ {
			for b := 0; b < 16; b++ {
				c := Colour([]byte{'#', digits[r], digits[r], digits[g], digits[g], digits[b], digits[b]})
				hi, lo := c.luminance(), c.Ink().luminance()
				if hi < lo {
					hi, lo = lo, hi
				}
				if contrast := (hi + 0.05) / (lo + 0.05); contrast < 4.5 {
					t.Errorf("%s on %s has a contrast of %.2f", c.Ink(), c, contrast)
				}
			}
		}
	}
}

func TestAnEdgeShowsOnWhiteAndIsTheColourItselfWhereItCanBe(t *testing.T) {
	for _, c := range []Colour{"#ffffff", "#ffd400", "#c0ffee", "#000000", Default} {
		edge := c.Edge()
		if contrast := 1.05 / (edge.luminance() + 0.05); contrast < 3 {
			t.Errorf("the edge %s of %s has a contrast of %.2f to white", edge, c, contrast)
		}
	}
	if Default.Edge() != Default {
		t.Error("a dark colour needs no other edge")
	}
}
