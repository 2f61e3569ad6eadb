//! The way of events to JavaScript: through the event loop, in order.

use crate::event::BindingEvent;
use napi::bindgen_prelude::Function;
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Env, Status};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// JavaScript's `onEvent`. It does not keep the event loop alive unless it is held.
pub(crate) type EventFunction = ThreadsafeFunction<BindingEvent, (), BindingEvent, Status, false, true>;

/// What both sides know of events under way.
#[derive(Default)]
pub(crate) struct Delivery {
    /// Events that the event loop has not delivered yet.
    queued: AtomicU32,
}

impl Delivery {
    /// The JavaScript thread: whether events still have to be delivered, which an answer must not overtake.
    pub(crate) fn is_behind(&self) -> bool {
        self.queued.load(Ordering::SeqCst) > 0
    }
}

/// Events under way above which a guest's text has to wait.
const QUEUED_MAX: u32 = 256;

/// The worker's end.
pub(crate) struct Outlet {
    delivery: Arc<Delivery>,
    function: Arc<EventFunction>,
}

impl Outlet {
    /// `before_delivery` runs on the JavaScript thread before each event from the event loop, and may change it.
    pub(crate) fn new(
        on_event: &Function<'_, BindingEvent, ()>,
        delivery: Arc<Delivery>,
        before_delivery: impl Fn(&Env, &mut BindingEvent) + 'static,
    ) -> napi::Result<Self> {
        let counted = Arc::clone(&delivery);
        let function = on_event.build_threadsafe_function::<BindingEvent>().weak::<true>().build_callback(
            move |mut context: napi::threadsafe_function::ThreadsafeCallContext<BindingEvent>| {
                counted.queued.fetch_sub(1, Ordering::SeqCst);
                before_delivery(&context.env, &mut context.value);
                Ok(context.value)
            },
        )?;
        Ok(Self { delivery, function: Arc::new(function) })
    }

    pub(crate) fn function(&self) -> Arc<EventFunction> {
        Arc::clone(&self.function)
    }

    pub(crate) fn is_full(&self) -> bool {
        self.delivery.queued.load(Ordering::Relaxed) >= QUEUED_MAX
    }

    pub(crate) fn emit(&self, event: BindingEvent) {
        self.delivery.queued.fetch_add(1, Ordering::SeqCst);
        // Refused only when the environment is going down, and then nobody listens.
        self.function.call(event, ThreadsafeFunctionCallMode::NonBlocking);
    }
}
