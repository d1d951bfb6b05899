package local

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Clock is the local run's own clock. It runs at normal speed, away from the
// machine's by an offset that is kept with the data; while it is turned it
// stands still at each moment on the way.
type Clock struct {
	file string

	mutex  sync.Mutex
	offset time.Duration
	still  time.Time // zero while it runs
}

// clockFile is what is kept of a clock.
type clockFile struct {
	Offset time.Duration `json:"offsetNanoseconds"`
}

// OpenClock reads the clock of a data folder. A new folder's clock begins at
// start, or at the machine's time when start is zero.
func OpenClock(folder string, start time.Time) (*Clock, error) {
	c := &Clock{file: filepath.Join(folder, "clock.json")}
	b, err := os.ReadFile(c.file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if !start.IsZero() {
			c.offset = time.Until(start)
		}
		return c, c.save()
	case err != nil:
		return nil, fmt.Errorf("reading the clock: %w", err)
	}
	var kept clockFile
	if err := json.Unmarshal(b, &kept); err != nil {
		return nil, fmt.Errorf("reading the clock: %s: %w", c.file, err)
	}
	c.offset = kept.Offset
	return c, nil
}

// Now is the time by this clock, in UTC.
func (c *Clock) Now() time.Time {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if !c.still.IsZero() {
		return c.still
	}
	return time.Now().Add(c.offset).UTC().Round(0)
}

// Hold stops the clock at t, and keeps it there should the process end.
func (c *Clock) Hold(t time.Time) error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.still, c.offset = t.UTC(), time.Until(t)
	return c.save()
}

// Run lets a held clock run on.
func (c *Clock) Run() error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if !c.still.IsZero() {
		c.offset = time.Until(c.still)
		c.still = time.Time{}
	}
	return c.save()
}

// save replaces the file whole: a kill leaves the old or the new one.
func (c *Clock) save() error {
	b, err := json.Marshal(clockFile{Offset: c.offset})
	if err != nil {
		return err
	}
	if err := os.WriteFile(c.file+".new", b, 0o600); err != nil {
		return fmt.Errorf("keeping the clock: %w", err)
	}
	if err := os.Rename(c.file+".new", c.file); err != nil {
		return fmt.Errorf("keeping the clock: %w", err)
	}
	return nil
}
