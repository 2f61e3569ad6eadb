;; Asks the host as soon as it is instantiated, when nobody answers yet.
(component
  (import "test:early/host" (instance $host (export "tell" (func (result u32)))))
  (core func $tell (canon lower (func $host "tell")))
  (core module $m
    (import "host" "tell" (func $tell (result i32)))
    (global $told (mut i32) (i32.const 0))
    (func $start (global.set $told (call $tell)))
    (start $start)
    (func (export "told") (result i32) (global.get $told)))
  (core instance $i (instantiate $m (with "host" (instance (export "tell" (func $tell))))))
  (func (export "told") (result u32) (canon lift (core func $i "told"))))
