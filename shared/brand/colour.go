// Package brand is the one piece of a company's looks that mails and pages
// carry: its colour. It exists so that both find the same readable ink for it.
package brand

import (
	"fmt"
	"math"
	"strconv"
)

// Colour is a colour of the screen, written #rrggbb. The zero Colour is none;
// use Default in its place.
type Colour string

// Default is a calm green, dark enough for white ink (contrast 7.8).
const Default Colour = "#0b5d4e"

// Parse reads #rrggbb in either case; empty is Default.
func Parse(s string) (Colour, error) {
	if s == "" {
		return Default, nil
	}
	if len(s) != 7 || s[0] != '#' {
		return "", fmt.Errorf("%q is no colour; write #rrggbb", s)
	}
	if _, err := strconv.ParseUint(s[1:], 16, 32); err != nil {
		return "", fmt.Errorf("%q is no colour; write #rrggbb", s)
	}
	return Colour(s), nil
}

// Ink is black or white, whichever reads better on c. The better of the two
// always has a contrast of at least 4.58, over the 4.5 that WCAG 2.2 AA (1.4.3)
// asks of text.
func (c Colour) Ink() Colour {
	l := c.luminance()
	if 1.05/(l+0.05) >= (l+0.05)/0.05 {
		return "#ffffff"
	}
	return "#000000"
}

// Edge is a line around c on a white ground: c itself, or a grey where c hardly
// differs from white. Either has a contrast of at least 3 to white, as WCAG 2.2 AA
// (1.4.11) asks of what marks a control.
func (c Colour) Edge() Colour {
	if 1.05/(c.luminance()+0.05) >= 3 {
		return c
	}
	return "#6b7280"
}

// luminance is the relative luminance of WCAG 2.2: 0 for black to 1 for white.
func (c Colour) luminance() float64 {
	part := func(from int) float64 {
		n, _ := strconv.ParseUint(string(c[from:from+2]), 16, 8)
		v := float64(n) / 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	if len(c) != 7 {
		return 0
	}
	return 0.2126*part(1) + 0.7152*part(3) + 0.0722*part(5)
}
