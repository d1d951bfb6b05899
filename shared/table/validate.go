package table

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Validate checks writes against the limits of the contract; drivers call it
// first. Its errors are ErrInvalid.
func Validate(writes []Write) error {
	if len(writes) > MaxWrites {
		return fmt.Errorf("%w: %d writes, at most %d", ErrInvalid, len(writes), MaxWrites)
	}
	total := 0
	seen := make(map[Key]bool, len(writes))
	for _, w := range writes {
		if err := ValidateKey(w.Item.Key); err != nil {
			return err
		}
		if seen[w.Item.Key] {
			return fmt.Errorf("%w: one item twice in one write", ErrInvalid)
		}
		seen[w.Item.Key] = true
		if w.Op > OpCheck || w.If.Kind > CondVersion {
			return fmt.Errorf("%w: no such operation or condition", ErrInvalid)
		}
		if w.Op != OpPut {
			continue
		}
		if err := validateItem(w.Item); err != nil {
			return err
		}
		total += len(w.Item.Body)
	}
	if total > MaxTotal {
		return fmt.Errorf("%w: bodies of %d bytes in one write, at most %d", ErrInvalid, total, MaxTotal)
	}
	return nil
}

// ValidateKey checks one key; its errors are ErrInvalid.
func ValidateKey(k Key) error {
	for _, part := range []string{k.Partition, k.Sort} {
		if part == "" || len(part) > MaxKey || strings.ContainsRune(part, 0) || !utf8.ValidString(part) {
			return fmt.Errorf("%w: a part of a key must have 1 to %d bytes of UTF-8 and no NUL", ErrInvalid, MaxKey)
		}
	}
	return nil
}

// ValidateQuery checks what a driver was asked in Query; its errors are
// ErrInvalid.
func ValidateQuery(q Query) error {
	// Any sort key will do: the partition is what is checked.
	if err := ValidateKey(Key{Partition: q.Partition, Sort: "-"}); err != nil {
		return err
	}
	for _, bound := range []string{q.From, q.To, q.After} {
		if len(bound) > MaxKey || !utf8.ValidString(bound) {
			return fmt.Errorf("%w: a bound of a query must have at most %d bytes of UTF-8", ErrInvalid, MaxKey)
		}
	}
	if q.Limit < 0 {
		return fmt.Errorf("%w: a negative limit", ErrInvalid)
	}
	return nil
}

// ValidateDue checks what a driver was asked in Due; its errors are ErrInvalid.
func ValidateDue(lane string, limit int) error {
	if lane == "" {
		return fmt.Errorf("%w: no lane", ErrInvalid)
	}
	if limit < 1 {
		return fmt.Errorf("%w: a limit of %d due items, at least 1", ErrInvalid, limit)
	}
	return validateLane(lane)
}

// validateItem checks what only a Put brings along.
func validateItem(item Item) error {
	if len(item.Body) == 0 || len(item.Body) > MaxBody || !utf8.Valid(item.Body) {
		return fmt.Errorf("%w: a body must have 1 to %d bytes of UTF-8", ErrInvalid, MaxBody)
	}
	if err := validateLane(item.Due.Lane); err != nil {
		return err
	}
	if item.Due.Lane != "" {
		if err := validateTime("due", item.Due.At); err != nil {
			return err
		}
	}
	return validateTime("expiry", item.Expires)
}

func validateLane(lane string) error {
	if len(lane) > MaxKey || strings.ContainsAny(lane, "#\x00") || !utf8.ValidString(lane) {
		return fmt.Errorf("%w: a lane must have at most %d bytes of UTF-8, no '#' and no NUL", ErrInvalid, MaxKey)
	}
	return nil
}

// validateTime keeps to the years that have four digits, so that times written
// as text sort as they pass.
func validateTime(what string, at time.Time) error {
	if year := at.UTC().Year(); year < 1 || year > 9999 {
		return fmt.Errorf("%w: %s in the year %d, not in 1 to 9999", ErrInvalid, what, year)
	}
	return nil
}
