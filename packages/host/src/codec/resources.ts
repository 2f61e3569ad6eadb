// Owns handles on the wire: own<R> and borrow<R>, of the host's resources and of the component's.

import { handleOf, methodOf } from '../resources/guest-classes.js';
import { disposeOf, type GuestHandle } from '../resources/handles.js';
import { oneOf, type Resource } from '../resources/resource.js';
import type { Codec } from './codec.js';
import { Mismatch, wrongType } from './mismatch.js';
import type { Reader } from './reader.js';
import type { Writer } from './writer.js';

const HANDLE_BYTES = 4;

export function own(resource: Resource): Codec {
  return resource.isGuests ? ownOfGuest(resource, 'moved') : ownOfHost(resource);
}

export function borrow(resource: Resource): Codec {
  return resource.isGuests ? borrowOfGuest(resource) : borrowOfHost(resource);
}

/** What the host gives up, or is told of: at the end of a resource. */
export function dropped(resource: Resource): Codec {
  return resource.isGuests ? ownOfGuest(resource, 'disposed') : droppedByGuest(resource);
}

function ownOfHost(resource: Resource): Codec {
  return {
    bytesMin: HANDLE_BYTES,
    encode(writer, value) {
      writer.u32(writer.transfer!.give(resource, objectOf(resource, value)));
    },
    decode: (reader) => reader.handles!.host.take(resource, reader.u32()),
  };
}

function borrowOfHost(resource: Resource): Codec {
  return {
    bytesMin: HANDLE_BYTES,
    encode(writer, value) {
      writer.u32(writer.transfer!.lend(resource, objectOf(resource, value)));
    },
    decode: (reader) => reader.handles!.host.borrow(resource, reader.u32()),
  };
}

/** Decodes to what there is to do about it. */
function droppedByGuest(resource: Resource): Codec {
  return {
    bytesMin: HANDLE_BYTES,
    encode: neverWritten,
    decode(reader): () => Promise<void> | undefined {
      const object = reader.handles!.host.drop(resource, reader.u32());
      return () => (object === undefined ? undefined : disposeOf(object));
    },
  };
}

function ownOfGuest(resource: Resource, state: 'moved' | 'disposed'): Codec {
  return {
    bytesMin: HANDLE_BYTES,
    encode(writer, value) {
      const handle = aliveHandle(resource, writer, value);
      if (!writer.transfer!.move(handle, state)) {
        throw new Mismatch(
          'type',
          `the ${resource.className} is lent by the same call, so it cannot be given away`,
        );
      }
      writer.u32(handle.number);
    },
    decode: (reader) => reader.handles!.adopt(resource, reader.u32()),
  };
}

function borrowOfGuest(resource: Resource): Codec {
  return {
    bytesMin: HANDLE_BYTES,
    encode(writer, value) {
      const handle = aliveHandle(resource, writer, value);
      writer.transfer!.show(handle);
      writer.u32(handle.number);
    },
    decode: neverRead,
  };
}

function aliveHandle(resource: Resource, writer: Writer, value: unknown): GuestHandle {
  const handle = handleOf(value);
  if (handle === undefined) throw wrongType(resource.className, value);
  if (handle.handles !== writer.transfer!.handles) {
    throw new Mismatch(
      'type',
      `expected ${oneOf(resource)} of this context, got ${oneOf(handle.resource)} of another`,
    );
  }
  if (handle.resource !== resource) {
    throw new Mismatch('type', `expected ${resource.className}, got ${handle.resource.className}`);
  }
  if (handle.state === 'alive') return handle;
  const why = handle.state === 'moved' ? 'was moved: whoever it was passed to owns it' : 'was disposed of';
  throw new Mismatch('type', `the ${resource.className} ${why}`);
}

/** Any object will do that has the methods: it need not be of a class that the host was given. */
function objectOf(resource: Resource, value: unknown): object {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) {
    throw wrongType(resource.className, value);
  }
  const missing = resource.methods.filter(
    (name) => typeof Reflect.get(value, methodOf(value, name)) !== 'function',
  );
  if (missing.length === 0) return value;
  throw new Mismatch('type', `expected ${oneOf(resource)}, got an object without ${missing.join(', ')}`);
}

function neverWritten(): never {
  throw new Error('a dropped handle goes one way only');
}

function neverRead(_reader: Reader): never {
  throw new Error('a component lends its own resources to nobody');
}
