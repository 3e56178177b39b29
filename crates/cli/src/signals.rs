//! Ctrl-C and requests to terminate, on every platform.

use std::io;

/// Waits until the user or the system asks the program to stop.
///
/// # Errors
/// The signal cannot be listened to.
#[cfg(unix)]
pub(crate) async fn stop_requested() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        done = tokio::signal::ctrl_c() => done,
        _ = terminate.recv() => Ok(()),
    }
}

/// Waits until the user or the system asks the program to stop.
///
/// # Errors
/// The signal cannot be listened to.
#[cfg(windows)]
pub(crate) async fn stop_requested() -> io::Result<()> {
    use tokio::signal::windows;

    let (mut closed, mut shut_down, mut interrupted) =
        (windows::ctrl_close()?, windows::ctrl_shutdown()?, windows::ctrl_break()?);
    tokio::select! {
        done = tokio::signal::ctrl_c() => done,
        _ = closed.recv() => Ok(()),
        _ = shut_down.recv() => Ok(()),
        _ = interrupted.recv() => Ok(()),
    }
}
