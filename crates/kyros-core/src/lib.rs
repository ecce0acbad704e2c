//! The one measurement: a request, callback or event from begin to finish.
