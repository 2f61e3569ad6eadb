// Resources: accounts are this plug-in's, logs are the app's.
package export_acme_ledger_accounts

import (
	"runtime"

	wit "go.bytecodealliance.org/pkg/wit/types"

	"wit_component/acme_ledger_journal"
)

// The generated code has the handle, and keeps the account in its place as long as the host holds it.
type Account struct {
	handle  int32
	pinner  runtime.Pinner
	name    string
	balance int32
}

var kept *acme_ledger_journal.Log

func MakeAccount(name string) *Account {
	return &Account{name: name}
}

func (account *Account) OnDrop() {}

func (account *Account) Name() string {
	return account.name
}

func (account *Account) Post(amount int32) wit.Result[int32, string] {
	if amount == 0 {
		return wit.Err[int32]("nothing to post")
	}
	account.balance += amount
	return wit.Ok[int32, string](account.balance)
}

func AccountMerge(into *Account, other *Account) *Account {
	into.balance += other.balance
	return into
}

func Open(count uint32) []*Account {
	accounts := make([]*Account, count)
	for i := range accounts {
		accounts[i] = MakeAccount("")
	}
	return accounts
}

// What is lent has to be let go of before the function returns.
func Note(to *acme_ledger_journal.Log, text string) uint32 {
	defer to.Drop()
	return to.Write(text)
}

func Report(title string, text string) uint32 {
	log := acme_ledger_journal.MakeLog(title)
	defer log.Drop()
	return log.Write(text)
}

func Keep(log *acme_ledger_journal.Log) {
	kept = log
}

func GiveBack() wit.Option[*acme_ledger_journal.Log] {
	if kept == nil {
		return wit.None[*acme_ledger_journal.Log]()
	}
	log := kept
	kept = nil
	return wit.Some(log)
}
