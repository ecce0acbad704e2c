//! Looks into a cache.

use kyros_metrics::value;

use crate::context::Context;
use crate::runtime::Runtime;

impl Runtime {
    /// Counts a look into a cache by what it came to, a word of the label `result`, for the tenant
    /// of the request it was made in.
    pub fn cache_request(&self, cache: &str, result: &str, context: Option<&Context>) {
        let tenant = context.and_then(|context| context.identity().tenant_id);
        let tenant = tenant.as_deref().unwrap_or(value::NONE);
        let labels = [self.settings().service(), cache, result, tenant];
        self.families().cache_requests.series(&labels).add(1.0);
    }
}
