// Owns the signatures of all WASI functions that the host can serve, as the WIT of WASI 0.2 has them.

/**
 * By interface: its types, then its functions. A name means the type that was declared under it last. 0.2's versions
 * only ever add; `test/wasi/signatures.test.ts` compares this with the WIT of its releases.
 */
export const SIGNATURES = `wasi:io/error
  error = resource
  [method]error.to-debug-string(self: borrow<error>) -> string
wasi:io/poll
  pollable = resource
  [method]pollable.ready(self: borrow<pollable>) -> bool
  [method]pollable.block(self: borrow<pollable>)
  poll(in: list<borrow<pollable>>) -> list<u32>
wasi:io/streams
  stream-error = variant<last-operation-failed: own<error>, closed>
  input-stream = resource
  output-stream = resource
  [method]input-stream.read(self: borrow<input-stream>, len: u64) -> result<list<u8>, stream-error>
  [method]input-stream.blocking-read(self: borrow<input-stream>, len: u64) -> result<list<u8>, stream-error>
  [method]input-stream.skip(self: borrow<input-stream>, len: u64) -> result<u64, stream-error>
  [method]input-stream.blocking-skip(self: borrow<input-stream>, len: u64) -> result<u64, stream-error>
  [method]input-stream.subscribe(self: borrow<input-stream>) -> own<pollable>
  [method]output-stream.check-write(self: borrow<output-stream>) -> result<u64, stream-error>
  [method]output-stream.write(self: borrow<output-stream>, contents: list<u8>) -> result<_, stream-error>
  [method]output-stream.blocking-write-and-flush(self: borrow<output-stream>, contents: list<u8>) -> result<_, stream-error>
  [method]output-stream.flush(self: borrow<output-stream>) -> result<_, stream-error>
  [method]output-stream.blocking-flush(self: borrow<output-stream>) -> result<_, stream-error>
  [method]output-stream.subscribe(self: borrow<output-stream>) -> own<pollable>
  [method]output-stream.write-zeroes(self: borrow<output-stream>, len: u64) -> result<_, stream-error>
  [method]output-stream.blocking-write-zeroes-and-flush(self: borrow<output-stream>, len: u64) -> result<_, stream-error>
  [method]output-stream.splice(self: borrow<output-stream>, src: borrow<input-stream>, len: u64) -> result<u64, stream-error>
  [method]output-stream.blocking-splice(self: borrow<output-stream>, src: borrow<input-stream>, len: u64) -> result<u64, stream-error>
wasi:cli/environment
  get-environment() -> list<tuple<string, string>>
  get-arguments() -> list<string>
  initial-cwd() -> option<string>
wasi:cli/stdin
  get-stdin() -> own<input-stream>
wasi:cli/stdout
  get-stdout() -> own<output-stream>
wasi:cli/stderr
  get-stderr() -> own<output-stream>
wasi:cli/terminal-input
  terminal-input = resource
wasi:cli/terminal-output
  terminal-output = resource
wasi:cli/terminal-stdin
  get-terminal-stdin() -> option<own<terminal-input>>
wasi:cli/terminal-stdout
  get-terminal-stdout() -> option<own<terminal-output>>
wasi:cli/terminal-stderr
  get-terminal-stderr() -> option<own<terminal-output>>
wasi:clocks/monotonic-clock
  instant = u64
  duration = u64
  now() -> instant
  resolution() -> duration
  subscribe-instant(when: instant) -> own<pollable>
  subscribe-duration(when: duration) -> own<pollable>
wasi:clocks/wall-clock
  datetime = record<seconds: u64, nanoseconds: u32>
  now() -> datetime
  resolution() -> datetime
wasi:filesystem/types
  filesize = u64
  descriptor-type = enum<unknown, block-device, character-device, directory, fifo, symbolic-link, regular-file, socket>
  descriptor-flags = flags<read, write, file-integrity-sync, data-integrity-sync, requested-write-sync, mutate-directory>
  path-flags = flags<symlink-follow>
  open-flags = flags<create, directory, exclusive, truncate>
  link-count = u64
  descriptor-stat = record<type: descriptor-type, link-count: link-count, size: filesize, data-access-timestamp: option<datetime>, data-modification-timestamp: option<datetime>, status-change-timestamp: option<datetime>>
  new-timestamp = variant<no-change, now, timestamp: datetime>
  directory-entry = record<type: descriptor-type, name: string>
  error-code = enum<access, would-block, already, bad-descriptor, busy, deadlock, quota, exist, file-too-large, illegal-byte-sequence, in-progress, interrupted, invalid, io, is-directory, loop, too-many-links, message-size, name-too-long, no-device, no-entry, no-lock, insufficient-memory, insufficient-space, not-directory, not-empty, not-recoverable, unsupported, no-tty, no-such-device, overflow, not-permitted, pipe, read-only, invalid-seek, text-file-busy, cross-device>
  advice = enum<normal, sequential, random, will-need, dont-need, no-reuse>
  metadata-hash-value = record<lower: u64, upper: u64>
  descriptor = resource
  directory-entry-stream = resource
  [method]descriptor.read-via-stream(self: borrow<descriptor>, offset: filesize) -> result<own<input-stream>, error-code>
  [method]descriptor.write-via-stream(self: borrow<descriptor>, offset: filesize) -> result<own<output-stream>, error-code>
  [method]descriptor.append-via-stream(self: borrow<descriptor>) -> result<own<output-stream>, error-code>
  [method]descriptor.advise(self: borrow<descriptor>, offset: filesize, length: filesize, advice: advice) -> result<_, error-code>
  [method]descriptor.sync-data(self: borrow<descriptor>) -> result<_, error-code>
  [method]descriptor.get-flags(self: borrow<descriptor>) -> result<descriptor-flags, error-code>
  [method]descriptor.get-type(self: borrow<descriptor>) -> result<descriptor-type, error-code>
  [method]descriptor.set-size(self: borrow<descriptor>, size: filesize) -> result<_, error-code>
  [method]descriptor.set-times(self: borrow<descriptor>, data-access-timestamp: new-timestamp, data-modification-timestamp: new-timestamp) -> result<_, error-code>
  [method]descriptor.read(self: borrow<descriptor>, length: filesize, offset: filesize) -> result<tuple<list<u8>, bool>, error-code>
  [method]descriptor.write(self: borrow<descriptor>, buffer: list<u8>, offset: filesize) -> result<filesize, error-code>
  [method]descriptor.read-directory(self: borrow<descriptor>) -> result<own<directory-entry-stream>, error-code>
  [method]descriptor.sync(self: borrow<descriptor>) -> result<_, error-code>
  [method]descriptor.create-directory-at(self: borrow<descriptor>, path: string) -> result<_, error-code>
  [method]descriptor.stat(self: borrow<descriptor>) -> result<descriptor-stat, error-code>
  [method]descriptor.stat-at(self: borrow<descriptor>, path-flags: path-flags, path: string) -> result<descriptor-stat, error-code>
  [method]descriptor.set-times-at(self: borrow<descriptor>, path-flags: path-flags, path: string, data-access-timestamp: new-timestamp, data-modification-timestamp: new-timestamp) -> result<_, error-code>
  [method]descriptor.link-at(self: borrow<descriptor>, old-path-flags: path-flags, old-path: string, new-descriptor: borrow<descriptor>, new-path: string) -> result<_, error-code>
  [method]descriptor.open-at(self: borrow<descriptor>, path-flags: path-flags, path: string, open-flags: open-flags, flags: descriptor-flags) -> result<own<descriptor>, error-code>
  [method]descriptor.readlink-at(self: borrow<descriptor>, path: string) -> result<string, error-code>
  [method]descriptor.remove-directory-at(self: borrow<descriptor>, path: string) -> result<_, error-code>
  [method]descriptor.rename-at(self: borrow<descriptor>, old-path: string, new-descriptor: borrow<descriptor>, new-path: string) -> result<_, error-code>
  [method]descriptor.symlink-at(self: borrow<descriptor>, old-path: string, new-path: string) -> result<_, error-code>
  [method]descriptor.unlink-file-at(self: borrow<descriptor>, path: string) -> result<_, error-code>
  [method]descriptor.is-same-object(self: borrow<descriptor>, other: borrow<descriptor>) -> bool
  [method]descriptor.metadata-hash(self: borrow<descriptor>) -> result<metadata-hash-value, error-code>
  [method]descriptor.metadata-hash-at(self: borrow<descriptor>, path-flags: path-flags, path: string) -> result<metadata-hash-value, error-code>
  [method]directory-entry-stream.read-directory-entry(self: borrow<directory-entry-stream>) -> result<option<directory-entry>, error-code>
  filesystem-error-code(err: borrow<error>) -> option<error-code>
wasi:filesystem/preopens
  get-directories() -> list<tuple<own<descriptor>, string>>
wasi:http/types
  io-error = error
  method = variant<get, head, post, put, delete, connect, options, trace, patch, other: string>
  scheme = variant<HTTP, HTTPS, other: string>
  DNS-error-payload = record<rcode: option<string>, info-code: option<u16>>
  TLS-alert-received-payload = record<alert-id: option<u8>, alert-message: option<string>>
  field-size-payload = record<field-name: option<string>, field-size: option<u32>>
  error-code = variant<DNS-timeout, DNS-error: DNS-error-payload, destination-not-found, destination-unavailable, destination-IP-prohibited, destination-IP-unroutable, connection-refused, connection-terminated, connection-timeout, connection-read-timeout, connection-write-timeout, connection-limit-reached, TLS-protocol-error, TLS-certificate-error, TLS-alert-received: TLS-alert-received-payload, HTTP-request-denied, HTTP-request-length-required, HTTP-request-body-size: option<u64>, HTTP-request-method-invalid, HTTP-request-URI-invalid, HTTP-request-URI-too-long, HTTP-request-header-section-size: option<u32>, HTTP-request-header-size: option<field-size-payload>, HTTP-request-trailer-section-size: option<u32>, HTTP-request-trailer-size: field-size-payload, HTTP-response-incomplete, HTTP-response-header-section-size: option<u32>, HTTP-response-header-size: field-size-payload, HTTP-response-body-size: option<u64>, HTTP-response-trailer-section-size: option<u32>, HTTP-response-trailer-size: field-size-payload, HTTP-response-transfer-coding: option<string>, HTTP-response-content-coding: option<string>, HTTP-response-timeout, HTTP-upgrade-failed, HTTP-protocol-error, loop-detected, configuration-error, internal-error: option<string>>
  header-error = variant<invalid-syntax, forbidden, immutable>
  field-key = string
  field-name = field-key
  field-value = list<u8>
  fields = resource
  headers = fields
  trailers = fields
  incoming-request = resource
  outgoing-request = resource
  request-options = resource
  response-outparam = resource
  status-code = u16
  incoming-response = resource
  incoming-body = resource
  future-trailers = resource
  outgoing-response = resource
  outgoing-body = resource
  future-incoming-response = resource
  [constructor]fields() -> own<fields>
  [static]fields.from-list(entries: list<tuple<field-name, field-value>>) -> result<own<fields>, header-error>
  [method]fields.get(self: borrow<fields>, name: field-name) -> list<field-value>
  [method]fields.has(self: borrow<fields>, name: field-name) -> bool
  [method]fields.set(self: borrow<fields>, name: field-name, value: list<field-value>) -> result<_, header-error>
  [method]fields.delete(self: borrow<fields>, name: field-name) -> result<_, header-error>
  [method]fields.append(self: borrow<fields>, name: field-name, value: field-value) -> result<_, header-error>
  [method]fields.entries(self: borrow<fields>) -> list<tuple<field-name, field-value>>
  [method]fields.clone(self: borrow<fields>) -> own<fields>
  [method]incoming-request.method(self: borrow<incoming-request>) -> method
  [method]incoming-request.path-with-query(self: borrow<incoming-request>) -> option<string>
  [method]incoming-request.scheme(self: borrow<incoming-request>) -> option<scheme>
  [method]incoming-request.authority(self: borrow<incoming-request>) -> option<string>
  [method]incoming-request.headers(self: borrow<incoming-request>) -> own<fields>
  [method]incoming-request.consume(self: borrow<incoming-request>) -> result<own<incoming-body>, _>
  [constructor]outgoing-request(headers: own<fields>) -> own<outgoing-request>
  [method]outgoing-request.body(self: borrow<outgoing-request>) -> result<own<outgoing-body>, _>
  [method]outgoing-request.method(self: borrow<outgoing-request>) -> method
  [method]outgoing-request.set-method(self: borrow<outgoing-request>, method: method) -> result<_, _>
  [method]outgoing-request.path-with-query(self: borrow<outgoing-request>) -> option<string>
  [method]outgoing-request.set-path-with-query(self: borrow<outgoing-request>, path-with-query: option<string>) -> result<_, _>
  [method]outgoing-request.scheme(self: borrow<outgoing-request>) -> option<scheme>
  [method]outgoing-request.set-scheme(self: borrow<outgoing-request>, scheme: option<scheme>) -> result<_, _>
  [method]outgoing-request.authority(self: borrow<outgoing-request>) -> option<string>
  [method]outgoing-request.set-authority(self: borrow<outgoing-request>, authority: option<string>) -> result<_, _>
  [method]outgoing-request.headers(self: borrow<outgoing-request>) -> own<fields>
  [constructor]request-options() -> own<request-options>
  [method]request-options.connect-timeout(self: borrow<request-options>) -> option<duration>
  [method]request-options.set-connect-timeout(self: borrow<request-options>, duration: option<duration>) -> result<_, _>
  [method]request-options.first-byte-timeout(self: borrow<request-options>) -> option<duration>
  [method]request-options.set-first-byte-timeout(self: borrow<request-options>, duration: option<duration>) -> result<_, _>
  [method]request-options.between-bytes-timeout(self: borrow<request-options>) -> option<duration>
  [method]request-options.set-between-bytes-timeout(self: borrow<request-options>, duration: option<duration>) -> result<_, _>
  [static]response-outparam.set(param: own<response-outparam>, response: result<own<outgoing-response>, error-code>)
  [method]incoming-response.status(self: borrow<incoming-response>) -> status-code
  [method]incoming-response.headers(self: borrow<incoming-response>) -> own<fields>
  [method]incoming-response.consume(self: borrow<incoming-response>) -> result<own<incoming-body>, _>
  [method]incoming-body.stream(self: borrow<incoming-body>) -> result<own<input-stream>, _>
  [static]incoming-body.finish(this: own<incoming-body>) -> own<future-trailers>
  [method]future-trailers.subscribe(self: borrow<future-trailers>) -> own<pollable>
  [method]future-trailers.get(self: borrow<future-trailers>) -> option<result<result<option<own<fields>>, error-code>, _>>
  [constructor]outgoing-response(headers: own<fields>) -> own<outgoing-response>
  [method]outgoing-response.status-code(self: borrow<outgoing-response>) -> status-code
  [method]outgoing-response.set-status-code(self: borrow<outgoing-response>, status-code: status-code) -> result<_, _>
  [method]outgoing-response.headers(self: borrow<outgoing-response>) -> own<fields>
  [method]outgoing-response.body(self: borrow<outgoing-response>) -> result<own<outgoing-body>, _>
  [method]outgoing-body.write(self: borrow<outgoing-body>) -> result<own<output-stream>, _>
  [static]outgoing-body.finish(this: own<outgoing-body>, trailers: option<own<fields>>) -> result<_, error-code>
  [method]future-incoming-response.subscribe(self: borrow<future-incoming-response>) -> own<pollable>
  [method]future-incoming-response.get(self: borrow<future-incoming-response>) -> option<result<result<own<incoming-response>, error-code>, _>>
  http-error-code(err: borrow<error>) -> option<error-code>
wasi:http/outgoing-handler
  handle(request: own<outgoing-request>, options: option<own<request-options>>) -> result<own<future-incoming-response>, error-code>
wasi:http/incoming-handler
  handle(request: own<incoming-request>, response-out: own<response-outparam>)
`;
