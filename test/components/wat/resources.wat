;; Has an export that takes no resource, and one that returns one.
(component
  (type $thing' (resource (rep i32)))
  (export $thing "thing" (type $thing'))
  (core func $new (canon resource.new $thing'))
  (core module $m
    (import "" "new" (func $new (param i32) (result i32)))
    (func (export "make") (result i32) (call $new (i32.const 3)))
    (func (export "answer") (result i32) (i32.const 42)))
  (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
  (func (export "make") (result (own $thing)) (canon lift (core func $i "make")))
  (func (export "answer") (result u32) (canon lift (core func $i "answer"))))
