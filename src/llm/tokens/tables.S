// The tables as read-only data; CMakeLists.txt says where the file is (TOKEN_TABLES).
    .section .rodata
    .balign 64
    .globl pb_token_tables
    .hidden pb_token_tables
pb_token_tables:
    .incbin TOKEN_TABLES
    .section .note.GNU-stack,"",@progbits
