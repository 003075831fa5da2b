"""A real HTTP server that speaks S3, and settings that keep bytes in it."""

import dataclasses
import uuid

import boto3
from botocore.config import Config
from moto.server import ThreadedMotoServer

REGION = "us-east-1"


class Store:
    """A bucket on a server of its own; `stop` and `start` are a store that goes down and comes back."""

    def __init__(self):
        self.bucket = f"ruhu-{uuid.uuid4().hex[:8]}"  # what moto keeps outlives its servers
        self.address = ""
        self.start()
        self.client = boto3.client(
            "s3",
            endpoint_url=self.address,
            region_name=REGION,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
            config=Config(s3={"addressing_style": "path"}),
        )
        self.client.create_bucket(Bucket=self.bucket)

    def start(self):
        port = int(self.address.rpartition(":")[2] or 0)
        self._server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
        self._server.start()
        self.address = "http://{}:{}".format(*self._server.get_host_and_port())

    def stop(self):
        self._server.stop()
        self._server._server.server_close()  # or its port would go on taking connections that nobody answers

    def settings(self, settings):
        """These settings with the store in them."""
        return dataclasses.replace(
            settings, blob_store=f"s3://{self.bucket}/ruhu", blob_endpoint_url=self.address, blob_region=REGION
        )

    def objects(self):
        """What lies in the bucket: bytes by key."""
        listed = self.client.list_objects_v2(Bucket=self.bucket).get("Contents", [])
        return {one["Key"]: self.client.get_object(Bucket=self.bucket, Key=one["Key"])["Body"].read() for one in listed}

    def spoil(self, key, content):
        """Put other bytes under a name, as a disk that fails would."""
        self.client.put_object(Bucket=self.bucket, Key=key, Body=content)
