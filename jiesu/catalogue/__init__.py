"""目录: rule sets, 问题分类 and the community duty list, each effective-dated and owned by an office."""
