;; A function that answers a future.
(component
  (import "promise" (func $promise (result (future string))))
  (export "promise-too" (func $promise)))
