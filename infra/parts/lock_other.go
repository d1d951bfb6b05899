//go:build !unix

package parts

// lock does not keep two downloads apart here; the rename at their end does no
// harm twice.
func lock(string) (unlock func() error, err error) { return func() error { return nil }, nil }
