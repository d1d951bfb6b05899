package token

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"
)

var (
	oldKey = base64.StdEncoding.EncodeToString([]byte("an old key of 32 bytes, all said"))
	newKey = "whsec_" + base64.StdEncoding.EncodeToString([]byte("a new key of 32 bytes, all said."))
	now    = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
)

func keys(t testing.TB, text string) *Keys {
	t.Helper()
	k, err := ParseKeys(text)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestATokenHoldsForItsPurposeUntilItExpires(t *testing.T) {
	k := keys(t, newKey)
	text := k.Issue(Answer, now.Add(time.Hour), []byte("payload"))
	for _, c := range []struct {
		name    string
		purpose Purpose
		text    string
		at      time.Time
		want    error
	}{
		{"fresh", Answer, text, now, nil},
		{"the last second", Answer, text, now.Add(time.Hour - time.Second), nil},
		{"expired", Answer, text, now.Add(time.Hour), ErrExpired},
		{"for something else", Unsubscribe, text, now, ErrInvalid},
		{"cut", Answer, text[:len(text)-1], now, ErrInvalid},
		{"with more behind", Answer, text + "'", now, ErrInvalid},
		{"with a line end", Answer, text + "\n", now, ErrInvalid},
		{"with a line end inside", Answer, text[:9] + "\r\n" + text[9:], now, ErrInvalid},
		{"padded", Answer, text + "=", now, ErrInvalid},
		{"empty", Answer, "", now, ErrInvalid},
		{"huge", Answer, strings.Repeat("A", 1<<20), now, ErrInvalid},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := k.Redeem(c.purpose, c.text, c.at); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestNoByteOfATokenCanBeChanged(t *testing.T) {
	k := keys(t, newKey)
	text := k.Issue(Answer, now.Add(time.Hour), []byte("C-1001"))
	for i := range text {
		for _, letter := range "A-z9_" {
			changed := text[:i] + string(letter) + text[i+1:]
			if _, err := k.Redeem(Answer, changed, now); changed != text && err == nil {
				t.Fatalf("byte %d can be changed", i)
			}
		}
	}
}

func TestKeysRotateWithoutBreakingLinks(t *testing.T) {
	text := keys(t, oldKey).Issue(Answer, time.Time{}, []byte("x"))
	if got, err := keys(t, newKey+" "+oldKey).Redeem(Answer, text, now.AddDate(50, 0, 0)); err != nil || !bytes.Equal(got, []byte("x")) {
		t.Errorf("while both keys are there: %q, %v", got, err)
	}
	if _, err := keys(t, newKey).Redeem(Answer, text, now); !errors.Is(err, ErrInvalid) {
		t.Errorf("after the old key is gone: %v", err)
	}
}

func TestBadKeysAreRefusedWithoutBeingNamed(t *testing.T) {
	for _, text := range []string{"", "short", "c2hvcnQ=", "not base64 at all", newKey + " " + newKey} {
		if _, err := ParseKeys(text); err == nil || text != "" && strings.Contains(err.Error(), text) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func FuzzRedeem(f *testing.F) {
	k := keys(f, newKey)
	f.Add(k.Issue(Answer, now.Add(time.Hour), []byte("C-1001")))
	f.Add("AA")
	f.Fuzz(func(t *testing.T, text string) {
		payload, err := k.Redeem(Answer, text, now)
		if err == nil && k.Issue(Answer, now.Add(time.Hour), payload) != text {
			t.Errorf("a token that was never issued was redeemed")
		}
	})
}
