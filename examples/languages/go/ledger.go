// The ledger plug-in in Go.
package export_acme_ledger_ledger

import (
	"crypto/rand"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"

	wit "go.bytecodealliance.org/pkg/wit/types"

	. "wit_component/acme_ledger_ledger"
	"wit_component/acme_ledger_money"
	"wit_component/acme_ledger_rates"
)

func Summarize(entries []Entry) wit.Result[[]Statement, Problem] {
	collect()
	if len(entries) == 0 {
		return wit.Err[[]Statement](MakeProblemNoEntries())
	}
	var statements []Statement
	for _, entry := range entries {
		at := slices.IndexFunc(statements, func(s Statement) bool { return s.Account == entry.Account })
		if at < 0 {
			at = len(statements)
			statements = append(statements, Statement{Account: entry.Account})
		}
		if problem := add(&statements[at], entry); problem != nil {
			return wit.Err[[]Statement](*problem)
		}
	}
	return wit.Ok[[]Statement, Problem](statements)
}

// In millionths of a euro.
func add(statement *Statement, entry Entry) *Problem {
	rate := acme_ledger_rates.Rate(entry.Currency)
	if rate.IsNone() {
		problem := MakeProblemUnknownRate(entry.Currency)
		return &problem
	}
	value, fits := multiply(entry.Amount, rate.Some())
	total := statement.Total + value
	// A sum that does not fit has the other sign than both of its parts.
	if !fits || (value^total)&(statement.Total^total) < 0 {
		problem := MakeProblemOverflow(entry.Id)
		return &problem
	}
	statement.Total = total
	statement.Entries++
	statement.Marks |= entry.Marks
	if entry.Note.IsSome() {
		statement.Notes = append(statement.Notes, entry.Note.Some())
	}
	return nil
}

func multiply(amount int64, rate uint64) (int64, bool) {
	size := uint64(amount)
	most := uint64(math.MaxInt64)
	if amount < 0 {
		size, most = -size, most+1
	}
	high, product := bits.Mul64(size, rate)
	if amount < 0 {
		return int64(-product), high == 0 && product <= most
	}
	return int64(product), high == 0 && product <= most
}

func Describe(entry Entry) string {
	collect()
	currency := map[acme_ledger_money.Currency]string{
		acme_ledger_money.Currency_Eur: "eur",
		acme_ledger_money.Currency_Usd: "usd",
		acme_ledger_money.Currency_Jpy: "jpy",
	}[entry.Currency]
	var marks []string
	for bit, name := range []string{"urgent", "settled", "disputed"} {
		if entry.Marks&(1<<bit) != 0 {
			marks = append(marks, name)
		}
	}
	note := "none"
	if entry.Note.IsSome() {
		note = fmt.Sprintf("some(%s)", entry.Note.Some())
	}
	seen := strings.Join(marks, " ")
	return fmt.Sprintf("%d %s %d %s [%s] %s", entry.Id, entry.Account, entry.Amount, currency, seen, note)
}

func Fingerprint(data []uint8) uint64 {
	collect()
	hash := uint64(0xcbf29ce484222325)
	for _, each := range data {
		hash = (hash ^ uint64(each)) * 0x100000001b3
	}
	return hash
}

func Reverse(data []uint8) []uint8 {
	collect()
	slices.Reverse(data)
	return data
}

func Nonce() []uint8 {
	collect()
	bytes := make([]uint8, 16)
	rand.Read(bytes)
	return bytes
}

func Fail(why string) {
	panic(why)
}
