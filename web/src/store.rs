//! A state that tasks and components share: tasks read what is there now, components are told what is new.

use std::cell::RefCell;
use std::rc::Rc;
use yew::{Callback, Reducible};

/// One state.
pub struct Store<S> {
    state: RefCell<Rc<S>>,
    tell: RefCell<Callback<Rc<S>>>,
}

impl<S: Reducible> Store<S> {
    pub fn new(state: S) -> Rc<Self> {
        Rc::new(Self {
            state: RefCell::new(Rc::new(state)),
            tell: RefCell::new(Callback::noop()),
        })
    }

    /// As it is now.
    pub fn get(&self) -> Rc<S> {
        Rc::clone(&self.state.borrow())
    }

    /// Changes it, and tells who listens.
    pub fn act(&self, action: S::Action) {
        let next = self.get().reduce(action);
        self.state.replace(Rc::clone(&next));
        let tell = self.tell.borrow().clone();
        tell.emit(next);
    }

    /// Who is told from now on.
    pub fn listen(&self, tell: Callback<Rc<S>>) {
        self.tell.replace(tell);
    }
}
