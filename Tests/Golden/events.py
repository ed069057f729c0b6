"""Records of an event file as tensorboard's own messages and writer make them: events.json, for EventFileTests.

    python Tests/Golden/events.py        tensorboard 2.21.0, protobuf 7.36.2

and, of an event file that mmtrain wrote, what tensorboard reads of it:

    python Tests/Golden/events.py RUN
"""
import io
import json
import sys
from pathlib import Path

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2, tensor_shape_pb2, types_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

VALUES = [-1.0, -0.5, -0.25, 0.0, 0.0, 0.125, 0.5, 0.75, 2.0]  # of the histogram, in four buckets of width 0.75


def record(event):
    file = io.BytesIO()
    RecordWriter(file).write(event.SerializeToString())
    return file.getvalue().hex()


def event(wall, step, **value):
    return record(event_pb2.Event(wall_time=wall, step=step, summary=summary_pb2.Summary(value=[summary_pb2.Summary.Value(**value)])))


def golden():
    text = tensor_pb2.TensorProto(
        dtype=types_pb2.DT_STRING, string_val=["A dog – running".encode()],
        tensor_shape=tensor_shape_pb2.TensorShapeProto(dim=[tensor_shape_pb2.TensorShapeProto.Dim(size=1)]))
    plugin = summary_pb2.SummaryMetadata(plugin_data=summary_pb2.SummaryMetadata.PluginData(plugin_name="text"))
    histogram = summary_pb2.HistogramProto(
        min=-1, max=2, num=len(VALUES), sum=sum(VALUES), sum_squares=sum(value * value for value in VALUES),
        bucket_limit=[-0.25, 0.5, 1.25, 2.0], bucket=[3, 4, 1, 1])
    picture = summary_pb2.Summary.Image(height=2, width=300, colorspace=3, encoded_image_string=bytes(range(200)))
    start = event_pb2.SessionLog(status=event_pb2.SessionLog.START)
    return {
        "version": record(event_pb2.Event(wall_time=1.0, file_version="brain.Event:2")),
        "scalar": event(2.0, 7, tag="loss/train", simple_value=0.5),
        "text": event(3.5, 300, tag="texts", tensor=text, metadata=plugin),
        "histogram": event(4.0, 1, tag="weights/a", histo=histogram),
        "picture": event(5.0, 70_000, tag="photos/a.jpg", image=picture),
        "start": record(event_pb2.Event(wall_time=6.0, step=101, session_log=start)),
    }


def told(run):
    """All that tensorboard knows of the run; steps of each tag."""
    read = EventAccumulator(run, size_guidance={kind: 0 for kind in ("scalars", "images", "histograms", "tensors")})
    read.Reload()
    tags = read.Tags()
    return {
        "scalars": {tag: [[point.step, point.value] for point in read.Scalars(tag)] for tag in tags["scalars"]},
        "texts": {tag: [[point.step, point.tensor_proto.string_val[0].decode()] for point in read.Tensors(tag)] for tag in tags["tensors"]},
        "histograms": {tag: [point.step for point in read.Histograms(tag)] for tag in tags["histograms"]},
        "pictures": {tag: [[point.step, point.width, point.height] for point in read.Images(tag)] for tag in tags["images"]},
    }


if __name__ == "__main__":
    if len(sys.argv) == 2:
        print(json.dumps(told(sys.argv[1]), indent=1))
    else:
        Path(__file__).with_name("events.json").write_text(json.dumps(golden(), indent=1) + "\n")
