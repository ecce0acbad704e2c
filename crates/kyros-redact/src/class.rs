//! Classes of what is redacted, and the markers that stand in its place.

/// What something that was found is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    Jwt,
    Bearer,
    Basic,
    Authorization,
    Cookie,
    Password,
    Secret,
    Token,
    Key,
    Session,
    Signature,
    Query,
    UserInfo,
    PrivateKey,
    Input,
    Email,
}

impl Class {
    /// In the order they are declared.
    pub(crate) const ALL: [Self; 16] = [
        Self::Jwt,
        Self::Bearer,
        Self::Basic,
        Self::Authorization,
        Self::Cookie,
        Self::Password,
        Self::Secret,
        Self::Token,
        Self::Key,
        Self::Session,
        Self::Signature,
        Self::Query,
        Self::UserInfo,
        Self::PrivateKey,
        Self::Input,
        Self::Email,
    ];

    /// The value of the label `class`.
    pub(crate) fn as_str(self) -> &'static str {
        let marker = self.marker();
        &marker[OPENING.len()..marker.len() - 1]
    }

    /// What stands in the place of something of this class.
    pub(crate) fn marker(self) -> &'static str {
        match self {
            Self::Jwt => "[redacted:jwt]",
            Self::Bearer => "[redacted:bearer]",
            Self::Basic => "[redacted:basic]",
            Self::Authorization => "[redacted:authorization]",
            Self::Cookie => "[redacted:cookie]",
            Self::Password => "[redacted:password]",
            Self::Secret => "[redacted:secret]",
            Self::Token => "[redacted:token]",
            Self::Key => "[redacted:key]",
            Self::Session => "[redacted:session]",
            Self::Signature => "[redacted:signature]",
            Self::Query => "[redacted:query]",
            Self::UserInfo => "[redacted:userinfo]",
            Self::PrivateKey => "[redacted:private_key]",
            Self::Input => "[redacted:input]",
            Self::Email => "[redacted:email]",
        }
    }
}

/// How every marker begins.
pub(crate) const OPENING: &str = "[redacted:";

/// The length of the marker that `text` begins with.
pub(crate) fn marker_at(text: &[u8]) -> Option<usize> {
    let is = |class: &Class| text.starts_with(class.marker().as_bytes());
    let opens = text.starts_with(OPENING.as_bytes());
    let class = Class::ALL.iter().find(|class| opens && is(class))?;
    Some(class.marker().len())
}
