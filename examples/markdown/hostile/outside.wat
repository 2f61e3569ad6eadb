;; A plug-in that reads what lies behind its memory of one page of 64 KiB.
(component
  (core module $reader
    (memory 1)
    (func (export "peek") (result i32)
      (i32.load (i32.const 0x7fff0000))))
  (core instance $instance (instantiate $reader))
  (func (export "peek") (result u32)
    (canon lift (core func $instance "peek"))))
