package ledger

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"hash/fnv"
	"strings"

	"kaiku/shared/survey"
	"kaiku/shared/table"
)

// Every key of the table:
//
//	CUSTOMER#id / STATE          the customer: all that a decision needs
//	CUSTOMER#id / LOG#ulid       an event, decision, invitation: its history
//	CUSTOMER#id / STANDING       what is counted of the customer
//	EVENT#webhook-id / MEMORY    that the event was taken, and what was answered
//	ADDRESS#hash / STATE         caps and blocks of one address, at all customers
//	DAY#date#shard / ulid        outcome of an invitation first tried on that day
//	COUNT#kind / month           the counts of one month
//	COUNT#audience / group#month how many customers of a group there were at its end
//	DIGEST / month               where the monthly mail about it stands
//	QUOTA#date / STATE           how many mails were handed over on one day
const (
	stateSort    = "STATE"
	memorySort   = "MEMORY"
	standingSort = "STANDING"
	logPrefix    = "LOG#"
	customerPfx  = "CUSTOMER#"
	dayPfx       = "DAY#"
	audiencePfx  = "COUNT#audience"
)

// The lanes of the due index.
const (
	laneAgenda = "agenda" // what Kaiku does by itself: annual surveys, following up, erasures
	laneMail   = "mail"   // what ends in the queue, as fast as SES takes it
	laneCount  = "count"  // what the aggregator counts
	laneDigest = "digest" // monthly mails, which the aggregator sends once it has counted
)

// dayShards is over how many partitions the outcomes of one day are spread, so
// that 100,000 mails of one morning meet no single partition.
const dayShards = 8

func customerKey(id string) table.Key { return table.Key{Partition: customerPfx + id, Sort: stateSort} }

func logKey(customer, ulid string) table.Key {
	return table.Key{Partition: customerPfx + customer, Sort: logPrefix + ulid}
}

func eventKey(id string) table.Key { return table.Key{Partition: "EVENT#" + id, Sort: memorySort} }

func addressKey(hash string) table.Key {
	return table.Key{Partition: "ADDRESS#" + hash, Sort: stateSort}
}

func dayPartition(day survey.Date, shard int) string {
	return fmt.Sprintf("%s%s#%d", dayPfx, day, shard)
}

func outcomeKey(day survey.Date, invitation string) table.Key {
	h := fnv.New32a()
	_, _ = h.Write([]byte(invitation))
	return table.Key{Partition: dayPartition(day, int(h.Sum32()%dayShards)), Sort: invitation}
}

func countKey(kind survey.Kind, month survey.Month) table.Key {
	return table.Key{Partition: "COUNT#" + string(kind), Sort: month.String()}
}

func standingKey(customer string) table.Key {
	return table.Key{Partition: customerPfx + customer, Sort: standingSort}
}

func audienceKey(g survey.Group, month survey.Month) table.Key {
	return table.Key{Partition: audiencePfx, Sort: g.String() + "#" + month.String()}
}

// dayOf is the day that an outcome is stored by.
func dayOf(key table.Key) (survey.Date, error) {
	day, _, _ := strings.Cut(strings.TrimPrefix(key.Partition, dayPfx), "#")
	date, err := survey.ParseDate(day)
	if err != nil {
		return date, fmt.Errorf("ledger: %q should not be counted", key.Partition)
	}
	return date, nil
}

func digestKey(month survey.Month) table.Key {
	return table.Key{Partition: "DIGEST", Sort: month.String()}
}

func quotaKey(day survey.Date) table.Key {
	return table.Key{Partition: "QUOTA#" + day.String(), Sort: stateSort}
}

// HashAddress is what an email address is stored and linked under: the first
// 128 bits of the SHA-256 of it in small letters. It keeps a block (somebody
// unsubscribed) without keeping the address.
func HashAddress(email string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(strings.TrimSpace(email))))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// Ref names an invitation: whose it is, which, and by which day it is counted
// (zero before the first try to send it).
type Ref struct {
	Customer   string      `json:"customer"`
	Invitation string      `json:"invitation"`
	Day        survey.Date `json:"day,omitzero"`
	// Reminder says that the mail reminds of the invitation; links do not hold it.
	Reminder bool `json:"reminder,omitempty"`
}

// Matter is something that fell due: the annual survey or the erasure of a
// customer when Invitation is empty, else a mail; as JSON, a message of the queue.
type Matter struct {
	Customer   string `json:"customer"`
	Invitation string `json:"invitation,omitempty"`
}

func matterOf(key table.Key) (Matter, error) {
	customer, ok := strings.CutPrefix(key.Partition, customerPfx)
	if !ok {
		return Matter{}, fmt.Errorf("ledger: %q should not be on the agenda", key.Partition)
	}
	invitation, isLog := strings.CutPrefix(key.Sort, logPrefix)
	if !isLog {
		invitation = ""
	}
	return Matter{Customer: customer, Invitation: invitation}, nil
}
