// Messages.

#include "internal.h"

cgrpc_bytes *cgrpc_bytes_create(const uint8_t *source, size_t length) {
  grpc_slice slice =
      length == 0 ? grpc_empty_slice() : grpc_slice_from_copied_buffer((const char *)source, length);
  grpc_byte_buffer *buffer = grpc_raw_byte_buffer_create(&slice, 1);
  grpc_slice_unref(slice);
  count(&cgrpc_counters.messages, 1);
  return (cgrpc_bytes *)buffer;
}

void cgrpc_bytes_destroy(cgrpc_bytes *bytes) {
  grpc_byte_buffer_destroy(bytes_unwrap(bytes));
  count(&cgrpc_counters.messages, -1);
}

cgrpc_bytes *cgrpc_bytes_share(const cgrpc_bytes *bytes) {
  grpc_byte_buffer *copy = grpc_byte_buffer_copy((grpc_byte_buffer *)(uintptr_t)bytes);
  if (copy != NULL) count(&cgrpc_counters.messages, 1);
  return (cgrpc_bytes *)copy;
}

size_t cgrpc_bytes_get_length(const cgrpc_bytes *bytes) {
  return grpc_byte_buffer_length((grpc_byte_buffer *)(uintptr_t)bytes);
}

size_t cgrpc_bytes_copy(cgrpc_bytes *bytes, uint8_t *destination, size_t capacity) {
  grpc_byte_buffer_reader reader;
  if (!grpc_byte_buffer_reader_init(&reader, bytes_unwrap(bytes))) return 0;
  size_t written = 0;
  grpc_slice *slice;
  while (written < capacity && grpc_byte_buffer_reader_peek(&reader, &slice)) {
    size_t length = GRPC_SLICE_LENGTH(*slice);
    if (length > capacity - written) length = capacity - written;
    memcpy(destination + written, GRPC_SLICE_START_PTR(*slice), length);
    written += length;
  }
  grpc_byte_buffer_reader_destroy(&reader);
  return written;
}
