// Owns where this package takes the shape of a world from.
export type {
  FunctionDescriptor,
  InterfaceDescriptor,
  TypeDescriptor,
  TypeRef,
  WorldDescriptor,
} from '@hl/bindgen';
