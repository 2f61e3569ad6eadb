;; A function that takes a stream.
(component
  (import "take" (func $take (param "all" (stream u8))))
  (export "take-too" (func $take)))
