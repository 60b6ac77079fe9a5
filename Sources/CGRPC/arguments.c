// Settings of a server or channel.

#include "internal.h"

cgrpc_arguments *cgrpc_arguments_create(void) { return allocate(sizeof(cgrpc_arguments)); }

void cgrpc_arguments_destroy(cgrpc_arguments *arguments) {
  for (size_t i = 0; i < arguments->list.num_args; i++) {
    grpc_arg *argument = &arguments->list.args[i];
    gpr_free(argument->key);
    if (argument->type == GRPC_ARG_STRING) gpr_free(argument->value.string);
  }
  gpr_free(arguments->list.args);
  if (arguments->quota != NULL) grpc_resource_quota_unref(arguments->quota);
  gpr_free(arguments);
}

static char *copy_string(const char *source) {
  size_t size = strlen(source) + 1;
  char *copy = gpr_malloc(size);
  memcpy(copy, source, size);
  return copy;
}

static grpc_arg *append(cgrpc_arguments *arguments, const char *key, grpc_arg_type type) {
  if (arguments->list.num_args == arguments->capacity) {
    arguments->capacity = arguments->capacity == 0 ? 32 : 2 * arguments->capacity;
    arguments->list.args = gpr_realloc(arguments->list.args, arguments->capacity * sizeof(grpc_arg));
  }
  grpc_arg *argument = &arguments->list.args[arguments->list.num_args++];
  argument->type = type;
  argument->key = copy_string(key);
  return argument;
}

void cgrpc_arguments_add_integer(cgrpc_arguments *arguments, const char *key, int32_t value) {
  append(arguments, key, GRPC_ARG_INTEGER)->value.integer = value;
}

void cgrpc_arguments_add_string(cgrpc_arguments *arguments, const char *key, const char *value) {
  append(arguments, key, GRPC_ARG_STRING)->value.string = copy_string(value);
}

void cgrpc_arguments_add_quota(cgrpc_arguments *arguments, size_t bytes) {
  if (arguments->quota != NULL) return;
  arguments->quota = grpc_resource_quota_create("cgrpc");
  grpc_resource_quota_resize(arguments->quota, bytes);
  grpc_arg *argument = append(arguments, GRPC_ARG_RESOURCE_QUOTA, GRPC_ARG_POINTER);
  argument->value.pointer.p = arguments->quota;
  argument->value.pointer.vtable = grpc_resource_quota_arg_vtable();
}
