// Resources: accounts are this plug-in's, logs are the app's.
#include <stdlib.h>

#include "lender.h"

typedef exports_acme_ledger_accounts_own_account_t own_account_t;
typedef exports_acme_ledger_accounts_account_t account_t;
typedef acme_ledger_journal_own_log_t own_log_t;

struct exports_acme_ledger_accounts_account_t {
  lender_string_t name;
  int32_t balance;
};

static own_log_t kept;
static bool is_kept;

own_account_t exports_acme_ledger_accounts_constructor_account(lender_string_t *name) {
  account_t *account = malloc(sizeof *account);
  if (account == NULL) abort();
  *account = (account_t){.name = *name};
  return exports_acme_ledger_accounts_account_new(account);
}

void exports_acme_ledger_accounts_account_destructor(account_t *account) {
  lender_string_free(&account->name);
  free(account);
}

void exports_acme_ledger_accounts_method_account_name(account_t *self, lender_string_t *ret) {
  lender_string_dup_n(ret, (const char *)self->name.ptr, self->name.len);
}

bool exports_acme_ledger_accounts_method_account_post(account_t *self, int32_t amount, int32_t *ret,
                                                      lender_string_t *err) {
  if (amount == 0) {
    lender_string_dup(err, "nothing to post");
    return false;
  }
  *ret = self->balance += amount;
  return true;
}

own_account_t exports_acme_ledger_accounts_static_account_merge(own_account_t into, account_t *other) {
  exports_acme_ledger_accounts_account_rep(into)->balance += other->balance;
  return into;
}

void exports_acme_ledger_accounts_open(uint32_t count, exports_acme_ledger_accounts_list_own_account_t *ret) {
  ret->ptr = calloc(count, sizeof *ret->ptr);
  ret->len = count;
  if (ret->ptr == NULL && count > 0) abort();
  for (uint32_t i = 0; i < count; i++) {
    lender_string_t name = {0};
    ret->ptr[i] = exports_acme_ledger_accounts_constructor_account(&name);
  }
}

// What is lent has to be let go of before the function returns.
uint32_t exports_acme_ledger_accounts_note(exports_acme_ledger_accounts_borrow_log_t to, lender_string_t *text) {
  uint32_t length = acme_ledger_journal_method_log_write(to, text);
  lender_string_free(text);
  acme_ledger_journal_log_drop_borrow(to);
  return length;
}

uint32_t exports_acme_ledger_accounts_report(lender_string_t *title, lender_string_t *text) {
  own_log_t log = acme_ledger_journal_constructor_log(title);
  uint32_t length = acme_ledger_journal_method_log_write(acme_ledger_journal_borrow_log(log), text);
  acme_ledger_journal_log_drop_own(log);
  lender_string_free(title);
  lender_string_free(text);
  return length;
}

void exports_acme_ledger_accounts_keep(own_log_t log) {
  if (is_kept) acme_ledger_journal_log_drop_own(kept);
  kept = log;
  is_kept = true;
}

bool exports_acme_ledger_accounts_give_back(own_log_t *ret) {
  bool was_kept = is_kept;
  if (was_kept) *ret = kept;
  is_kept = false;
  return was_kept;
}
