;; All that a component can have grow: the memories of two instances, and a table.
(component
  (core module $m
    (memory (export "memory") 1)
    (table $t 1 funcref)
    (func (export "grow-memory") (param i32) (result i32) (memory.grow (local.get 0)))
    (func (export "grow-table") (param i32) (result i32)
      (table.grow $t (ref.null func) (local.get 0)))
    (func (export "fill") (param i32)
      (table.fill $t (i32.const 0) (ref.func $f) (local.get 0)))
    (func $f)
    (elem declare func $f))
  (core instance $i (instantiate $m))
  (core instance $j (instantiate $m))
  (func (export "grow-memory") (param "pages" u32) (result s32) (canon lift (core func $i "grow-memory")))
  (func (export "grow-other") (param "pages" u32) (result s32) (canon lift (core func $j "grow-memory")))
  (func (export "grow-table") (param "entries" u32) (result s32) (canon lift (core func $i "grow-table")))
  (func (export "fill") (param "entries" u32) (canon lift (core func $i "fill"))))
