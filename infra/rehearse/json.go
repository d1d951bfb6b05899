package rehearse

import (
	"encoding/json"
	"io"
)

// WriteJSON writes the report as JSON. It holds no address and no name.
func (r *Report) WriteJSON(out io.Writer) error {
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(r)
}
