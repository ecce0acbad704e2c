//! A receiver of OTLP over gRPC.

use std::sync::Arc;
use std::thread;

use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use tokio::runtime::Builder;
use tonic::codec::CompressionEncoding;
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Identity as Pem, Server, ServerTlsConfig};
use tonic::{Request, Response, Status};

use crate::receiver::{Answer, Identity, Inbox, Taken, but};

struct Service(Arc<Inbox>);

pub(crate) fn serve(port: u16, identity: Option<Identity>, inbox: Arc<Inbox>) -> u16 {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let address = ([127, 0, 0, 1], port).into();
    let incoming = {
        let _entered = runtime.enter();
        TcpIncoming::bind(address).unwrap()
    };
    let port = incoming.local_addr().unwrap().port();
    let service =
        TraceServiceServer::new(Service(inbox)).accept_compressed(CompressionEncoding::Gzip);
    thread::spawn(move || {
        let mut server = Server::builder();
        if let Some(Identity { certificate, key }) = identity {
            let tls = ServerTlsConfig::new().identity(Pem::from_pem(certificate, key));
            server = server.tls_config(tls).unwrap();
        }
        let running = server.add_service(service).serve_with_incoming(incoming);
        runtime.block_on(running).unwrap();
    });
    port
}

#[tonic::async_trait]
impl TraceService for Service {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let headers = request.metadata().clone().into_headers();
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        let headers = headers.iter().map(|(name, v)| (name.to_string(), text(v.as_bytes())));
        let taken = Taken { headers: headers.collect(), body: request.into_inner() };
        let inbox = Arc::clone(&self.0);
        match tokio::task::spawn_blocking(move || inbox.receive(taken)).await.unwrap() {
            Answer::Take => Ok(Response::new(ExportTraceServiceResponse::default())),
            Answer::TakeBut(rejected) => Ok(Response::new(but(rejected))),
            Answer::Refuse => Err(Status::invalid_argument("no")),
            Answer::Unavailable | Answer::Silence => Err(Status::unavailable("not now")),
        }
    }
}
