// Package stats turns counted survey answers into figures with their
// uncertainty: Net Promoter Score, customer satisfaction (CSAT), customer
// effort (CES), shares such as the response rate, the differences between two
// periods, and which cells of a report are too small to show.
//
// The package is pure: standard library only, every result a function of the
// arguments alone, nothing read from a clock, a file or the network.
//
// # Units
//
// A Net Promoter Score runs from −100 to 100 and every share from 0 to 100, as
// they are spoken of ("an NPS of 34", "81 % satisfied"). A mean is in points of
// its scale. A difference is now − before in the units of its figure.
//
// # No answers, no figure
//
// Functions that need at least one answer return ok = false without one. No
// input gives NaN or an infinity.
//
// # Intervals
//
// Every interval is two-sided at 95 % confidence, contains its figure and stays
// inside the figure's range. All of them take the answers for a random sample
// of those who could have answered; none corrects for people who choose not to
// answer.
package stats
