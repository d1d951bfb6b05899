package rehearse

import "fmt"

// invitationIDs are the ids of a stage's first surveys: most have no more.
var invitationIDs = func() (ids [64]string) {
	for i := range ids {
		ids[i] = fmt.Sprintf("%08d", i)
	}
	return ids
}()

// invitationID names the nth survey of a stage. Like those of production, ids
// sort by when they were given.
func invitationID(n int) string {
	if n < len(invitationIDs) {
		return invitationIDs[n]
	}
	return fmt.Sprintf("%08d", n)
}
