;; Returns a string and a list that would lie outside its memory.
(component
  (core module $m
    (memory (export "memory") 1)
    ;; Where the pair of address and length lies, and what the pair says.
    (func (export "at") (param i32 i32) (result i32)
      (i32.store (i32.const 8) (local.get 0))
      (i32.store (i32.const 12) (local.get 1))
      (i32.const 8)))
  (core instance $i (instantiate $m))
  (alias core export $i "memory" (core memory $memory))
  (func (export "text") (param "address" u32) (param "length" u32) (result string)
    (canon lift (core func $i "at") (memory $memory)))
  (func (export "numbers") (param "address" u32) (param "length" u32) (result (list u64))
    (canon lift (core func $i "at") (memory $memory))))
