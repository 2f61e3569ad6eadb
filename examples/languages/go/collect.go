package export_acme_ledger_ledger

import (
	"runtime"
	"runtime/debug"
)

// The collector reads the clock, which no component may do while it is given arguments: there it would end the call
// as a trap. So it does not run by itself, but at the beginning of a function of ours.
func init() {
	debug.SetGCPercent(-1)
}

const callsBetweenCollections = 256

var calls int

// Matters to contexts only: a direct call begins with the memory as it was after the start, and leaves nothing behind.
func collect() {
	calls++
	if calls%callsBetweenCollections == 0 {
		runtime.GC()
	}
}
