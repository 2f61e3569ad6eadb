;; A function that answers an error context.
(component
  (import "why" (func $why (result error-context)))
  (export "why-too" (func $why)))
