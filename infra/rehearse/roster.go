package rehearse

import (
	"hash/maphash"
	"maps"
	"slices"
)

// roster is what the first reading of a file finds out: which customers have rows
// that are apart in the file, and which addresses belong to several customers.
//
// It knows ids and addresses by hashes of 64 bits, some 60 bytes a customer. Two
// that share a hash by chance are held back for nothing, which changes no
// decision.
type roster struct {
	seed      maphash.Seed
	customers map[uint64]int32 // number of each, in the order of the file
	apart     map[uint64]bool  // customers
	addresses map[uint64]int32 // number of the first customer who has it
	shared    map[uint64]bool  // addresses
	input     Input
}

func newRoster() *roster {
	return &roster{seed: maphash.MakeSeed(), customers: map[uint64]int32{}, apart: map[uint64]bool{},
		addresses: map[uint64]int32{}, shared: map[uint64]bool{}}
}

// sighting is what the first reading keeps of one piece.
type sighting struct {
	customer  uint64
	addresses []uint64
	contracts int
}

func (r *roster) hash(s string) uint64 { return maphash.String(r.seed, s) }

// sighted makes a sighting of a member that was just read.
func (r *roster) sighted(m *member) sighting {
	s := sighting{customer: r.hash(m.facts.ID), contracts: len(m.facts.Contracts)}
	for i := range m.facts.Contacts {
		s.addresses = append(s.addresses, r.hash(sameAddress(m.facts.Contacts[i].Email)))
	}
	return s
}

// add takes in a sighting; sightings come in the order of the file.
func (r *roster) add(s sighting) {
	r.input.Contracts += int64(s.contracts)
	r.input.Contacts += int64(len(s.addresses))
	n, again := r.number(s.customer)
	if again {
		r.apart[s.customer] = true
	}
	r.give(n, s.addresses)
}

func (r *roster) number(customer uint64) (n int32, known bool) {
	if n, known = r.customers[customer]; !known {
		n = int32(len(r.customers))
		r.customers[customer] = n
		r.input.Customers++
	}
	return n, known
}

// give notes addresses of a customer.
func (r *roster) give(n int32, addresses []uint64) {
	for _, a := range addresses {
		if owner, owned := r.addresses[a]; !owned {
			r.addresses[a] = n
		} else if owner != n {
			r.shared[a] = true
		}
	}
}

// close ends the first reading, with what events tell.
func (r *roster) close(events told) {
	for _, id := range slices.Sorted(maps.Keys(events)) {
		n, _ := r.number(r.hash(id))
		r.give(n, r.hashes(emails(events[id])))
	}
	r.input.SharedAddresses = int64(len(r.shared))
	r.customers, r.addresses = nil, nil
}

func (r *roster) hashes(emails []string) []uint64 {
	hashes := make([]uint64, len(emails))
	for i, email := range emails {
		hashes[i] = r.hash(sameAddress(email))
	}
	return hashes
}

// isApart says whether a customer's rows are apart in the file.
func (r *roster) isApart(customer string) bool { return r.apart[r.hash(customer)] }

// isShared says whether an address belongs to several customers.
func (r *roster) isShared(email string) bool {
	return len(r.shared) > 0 && r.shared[r.hash(sameAddress(email))]
}
