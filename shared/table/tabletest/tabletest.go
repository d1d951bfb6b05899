// Package tabletest is the suite that every driver of package table passes:
// each sentence of the contract, as a test that names it.
package tabletest

import (
	"testing"

	"kaiku/shared/table"
)

// sentence is one promise of the contract and the check of it, on an empty table.
type sentence struct {
	name  string
	check func(t *testing.T, tbl table.Table)
}

// Run tests a driver; open returns an empty table for each call.
//
// What the contract lets lag behind, the due index, is looked at for some seconds
// before it counts as wrong.
func Run(t *testing.T, open func(t *testing.T) table.Table) {
	for _, topic := range [][]sentence{
		itemSentences, conditionSentences, limitSentences, querySentences, dueSentences,
		expirySentences, concurrencySentences, contextSentences, propertySentences,
	} {
		for _, s := range topic {
			t.Run(s.name, func(t *testing.T) { s.check(t, open(t)) })
		}
	}
}
