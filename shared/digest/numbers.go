package digest

import "kaiku/shared/figures"

// missing stands where there is no figure.
const missing = figures.NoFigure

// rate is answered of delivered.
func (w *words) rate(answered, delivered int) string {
	if delivered == 0 {
		return missing
	}
	return w.Percent(100 * float64(answered) / float64(delivered))
}
