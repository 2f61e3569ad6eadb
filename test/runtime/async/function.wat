;; A function that is async.
(component
  (import "later" (func $later async (param "text" string) (result string)))
  (export "later-too" (func $later)))
