//! Reading the messages of a WebSocket.

use kyros_core::{Direction, Side};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::asgi::{self, optional};
use crate::request::Request;

/// What a close means that states no code.
const NORMAL: u16 = 1000;
/// What a connection that is lost without a close counts as.
const LOST: u16 = 1006;

/// Notes what is sent.
pub(crate) fn sent(message: &Bound<'_, PyAny>, request: &Request) -> PyResult<()> {
    let kind = message.get_item(intern!(message.py(), "type"))?;
    match kind.extract::<&str>()? {
        "websocket.send" => request.measured.message(Direction::Sent, size(message)?),
        "websocket.accept" => request.accepted(message.py()),
        "websocket.close" => {
            request.measured.closed(code(message)?.unwrap_or(NORMAL), Side::Application);
        }
        kind => {
            if let Some(kind) = kind.strip_prefix("websocket.") {
                asgi::answered(kind, message, &request.measured)?;
            }
        }
    }
    Ok(())
}

/// Notes that the server couldn't send, since the client is gone.
#[expect(clippy::unnecessary_wraps, reason = "it is a note like the others")]
pub(crate) fn take_back(_message: &Bound<'_, PyAny>, request: &Request) -> PyResult<()> {
    gone(LOST, request);
    Ok(())
}

/// Notes what is received.
pub(crate) fn received(message: &Bound<'_, PyAny>, request: &Request) -> PyResult<()> {
    let kind = message.get_item(intern!(message.py(), "type"))?;
    match kind.extract::<&str>()? {
        "websocket.receive" => request.measured.message(Direction::Received, size(message)?),
        "websocket.disconnect" => gone(code(message)?.unwrap_or(LOST), request),
        _ => {}
    }
    Ok(())
}

fn gone(code: u16, request: &Request) {
    request.measured.closed(code, Side::Client);
    request.measured.disconnected();
}

fn code(message: &Bound<'_, PyAny>) -> PyResult<Option<u16>> {
    let code = optional(message, intern!(message.py(), "code"))?;
    code.filter(|code| !code.is_none()).map(|code| code.extract()).transpose()
}

/// Bytes of a message, which has them or a text.
fn size(message: &Bound<'_, PyAny>) -> PyResult<u64> {
    let py = message.py();
    for key in [intern!(py, "bytes"), intern!(py, "text")] {
        if let Some(data) = optional(message, key)?.filter(|data| !data.is_none()) {
            return match data.cast::<PyString>() {
                Ok(text) => Ok(u64::try_from(text.to_str()?.len()).unwrap_or(u64::MAX)),
                Err(_) => asgi::size(&data),
            };
        }
    }
    Ok(0)
}
