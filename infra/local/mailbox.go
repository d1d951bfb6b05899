package local

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"
)

// Mail is one mail in the mailbox.
type Mail struct {
	MessageID string            `json:"messageId"`
	At        time.Time         `json:"at"`
	From      string            `json:"from"`
	To        []string          `json:"to"`
	Subject   string            `json:"subject"`
	Headers   map[string]string `json:"headers"`
	Text      string            `json:"text"`
	HTML      string            `json:"html"`

	tags map[string]string
}

// Mailbox keeps every mail that the local SES endpoint took, in a file with one
// JSON object a line, written before SES answers.
type Mailbox struct {
	mutex sync.Mutex
	file  *os.File
	mails []Mail
	told  map[string]bool
}

// mailboxLine is one line of the file: a mail, or that SES's event of its
// delivery was taken in.
type mailboxLine struct {
	Mail *Mail             `json:"mail,omitempty"`
	Tags map[string]string `json:"tags,omitempty"`
	Told string            `json:"told,omitempty"`
}

// OpenMailbox reads the mailbox of a data folder.
func OpenMailbox(folder string) (*Mailbox, error) {
	path := filepath.Join(folder, "mailbox.jsonl")
	m := &Mailbox{told: map[string]bool{}}
	b, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading the mailbox: %w", err)
	}
	whole := b[:bytes.LastIndexByte(b, '\n')+1] // a kill may leave half a line: SES had not answered
	decoder := json.NewDecoder(bytes.NewReader(whole))
	for {
		var line mailboxLine
		if err := decoder.Decode(&line); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("reading the mailbox: %s: %w", path, err)
		}
		if line.Mail != nil {
			line.Mail.tags = line.Tags
			m.mails = append(m.mails, *line.Mail)
		}
		if line.Told != "" {
			m.told[line.Told] = true
		}
	}
	if m.file, err = os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600); err != nil {
		return nil, fmt.Errorf("opening the mailbox: %w", err)
	}
	if err := m.file.Truncate(int64(len(whole))); err != nil {
		return nil, fmt.Errorf("opening the mailbox: %w", err)
	}
	if _, err := m.file.Seek(0, io.SeekEnd); err != nil {
		return nil, fmt.Errorf("opening the mailbox: %w", err)
	}
	return m, nil
}

// Close closes the file.
func (m *Mailbox) Close() error { return m.file.Close() }

// Add keeps a mail and gives it its message id.
func (m *Mailbox) Add(mail Mail, tags map[string]string) (string, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	mail.MessageID, mail.tags = "local-"+ulid.Make().String(), tags
	if err := m.write(mailboxLine{Mail: &mail, Tags: tags}); err != nil {
		return "", err
	}
	m.mails = append(m.mails, mail)
	return mail.MessageID, nil
}

func (m *Mailbox) write(line mailboxLine) error {
	b, err := json.Marshal(line)
	if err != nil {
		return fmt.Errorf("keeping a mail: %w", err)
	}
	if _, err := m.file.Write(append(b, '\n')); err != nil {
		return fmt.Errorf("keeping a mail: %w", err)
	}
	return nil
}

// All is every mail, oldest first.
func (m *Mailbox) All() []Mail {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return append([]Mail{}, m.mails...)
}

// Find finds a mail by its message id.
func (m *Mailbox) Find(messageID string) (Mail, bool) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	for _, mail := range m.mails {
		if mail.MessageID == messageID {
			return mail, true
		}
	}
	return Mail{}, false
}

// Untold are the mails of whose delivery SES has not told yet.
func (m *Mailbox) Untold() []Mail {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	var untold []Mail
	for _, mail := range m.mails[min(len(m.told), len(m.mails)):] {
		if !m.told[mail.MessageID] {
			untold = append(untold, mail)
		}
	}
	return untold
}

// NoteTold notes that the delivery of a mail was told.
func (m *Mailbox) NoteTold(messageID string) error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.told[messageID] = true
	return m.write(mailboxLine{Told: messageID})
}
