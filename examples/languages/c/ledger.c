// The ledger plug-in in C.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lender.h"

// The generated names carry the package and the interface, which here are always the same.
typedef exports_acme_ledger_ledger_entry_t entry_t;
typedef exports_acme_ledger_ledger_statement_t statement_t;
typedef exports_acme_ledger_ledger_problem_t problem_t;
typedef exports_acme_ledger_ledger_list_entry_t entries_t;
typedef exports_acme_ledger_ledger_list_statement_t statements_t;

// What is not there is the end: without memory there is nothing left to do.
static void *enough(void *memory) {
  if (memory == NULL) abort();
  return memory;
}

static lender_string_t copy(lender_string_t text) {
  lender_string_t own;
  lender_string_dup_n(&own, (const char *)text.ptr, text.len);
  return own;
}

static statement_t *statement_of(statements_t *all, lender_string_t account) {
  for (size_t i = 0; i < all->len; i++) {
    lender_string_t other = all->ptr[i].account;
    if (other.len == account.len && memcmp(other.ptr, account.ptr, account.len) == 0) return &all->ptr[i];
  }
  all->ptr = enough(realloc(all->ptr, (all->len + 1) * sizeof *all->ptr));
  statement_t *opened = &all->ptr[all->len++];
  *opened = (statement_t){.account = copy(account)};
  return opened;
}

static void append(lender_list_string_t *notes, lender_string_t note) {
  notes->ptr = enough(realloc(notes->ptr, (notes->len + 1) * sizeof *notes->ptr));
  notes->ptr[notes->len++] = copy(note);
}

// Adds the entry to its account; false, and why, if it cannot be.
static bool add(statements_t *all, const entry_t *entry, problem_t *problem) {
  uint64_t rate;
  if (!acme_ledger_rates_rate(entry->currency, &rate)) {
    problem->tag = EXPORTS_ACME_LEDGER_LEDGER_PROBLEM_UNKNOWN_RATE;
    problem->val.unknown_rate = entry->currency;
    return false;
  }
  statement_t *statement = statement_of(all, entry->account);
  int64_t value;
  if (__builtin_mul_overflow(entry->amount, rate, &value) ||
      __builtin_add_overflow(statement->total, value, &statement->total)) {
    problem->tag = EXPORTS_ACME_LEDGER_LEDGER_PROBLEM_OVERFLOW;
    problem->val.overflow = entry->id;
    return false;
  }
  statement->entries++;
  statement->marks |= entry->marks;
  if (entry->note.is_some) append(&statement->notes, entry->note.val);
  return true;
}

bool exports_acme_ledger_ledger_summarize(entries_t *entries, statements_t *ret, problem_t *err) {
  *ret = (statements_t){0};
  bool is_ok = entries->len > 0;
  if (!is_ok) err->tag = EXPORTS_ACME_LEDGER_LEDGER_PROBLEM_NO_ENTRIES;
  for (size_t i = 0; is_ok && i < entries->len; i++) is_ok = add(ret, &entries->ptr[i], err);
  if (!is_ok) exports_acme_ledger_ledger_list_statement_free(ret);
  exports_acme_ledger_ledger_list_entry_free(entries);
  return is_ok;
}

void exports_acme_ledger_ledger_describe(entry_t *entry, lender_string_t *ret) {
  static const char *const currencies[] = {"eur", "usd", "jpy"};
  static const char *const marks[] = {"urgent", "settled", "disputed"};
  char *text = NULL;
  size_t length = 0;
  FILE *out = enough(open_memstream(&text, &length));
  fprintf(out, "%" PRIu64 " ", entry->id);
  fwrite(entry->account.ptr, 1, entry->account.len, out);
  fprintf(out, " %" PRId64 " %s [", entry->amount, currencies[entry->currency]);
  const char *gap = "";
  for (int bit = 0; bit < 3; bit++) {
    if (!(entry->marks & (1 << bit))) continue;
    fprintf(out, "%s%s", gap, marks[bit]);
    gap = " ";
  }
  fputs(entry->note.is_some ? "] some(" : "] none", out);
  if (entry->note.is_some) {
    fwrite(entry->note.val.ptr, 1, entry->note.val.len, out);
    fputc(')', out);
  }
  if (fclose(out) != 0) abort();
  *ret = (lender_string_t){(uint8_t *)text, length};
  exports_acme_ledger_ledger_entry_free(entry);
}

uint64_t exports_acme_ledger_ledger_fingerprint(lender_list_u8_t *data) {
  uint64_t hash = 0xcbf29ce484222325;
  for (size_t i = 0; i < data->len; i++) hash = (hash ^ data->ptr[i]) * 0x100000001b3;
  lender_list_u8_free(data);
  return hash;
}

void exports_acme_ledger_ledger_reverse(lender_list_u8_t *data, lender_list_u8_t *ret) {
  for (size_t i = 0; i < data->len / 2; i++) {
    uint8_t *other = &data->ptr[data->len - 1 - i], byte = data->ptr[i];
    data->ptr[i] = *other;
    *other = byte;
  }
  *ret = *data;
}

void exports_acme_ledger_ledger_nonce(lender_list_u8_t *ret) {
  *ret = (lender_list_u8_t){enough(malloc(16)), 16};
  if (getentropy(ret->ptr, ret->len) != 0) abort();
}

void exports_acme_ledger_ledger_fail(lender_string_t *why) {
  fprintf(stderr, "%.*s\n", (int)why->len, (const char *)why->ptr);
  abort();
}
